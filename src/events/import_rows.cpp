#include "events/import_rows.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

// What answers add to an event, so that a list of them can be imported as it is.
constexpr std::array<std::string_view, 5> members_of_answers = {
    "createdAt", "updatedAt", "deletedAt", "version", "subscribers"};

Draft own_row(json::object row, const Zone& zone) {
  for (const std::string_view name : members_of_answers) row.erase(name);
  return draft_from_json(json::value(std::move(row)), zone);
}

// Records what is wrong; the text otherwise.
template <class T>
T read_part(JsonReader& reader, std::string_view name, std::optional<T> (*parse)(std::string_view),
            const char* rule) {
  const json::value* given = reader.require(name);
  if (given == nullptr) return {};
  const json::string* text = given->if_string();
  const auto part = text != nullptr ? parse(*text) : std::nullopt;
  if (!part) reader.refuse(name, rule);
  return part.value_or(T());
}

std::chrono::local_days read_date(JsonReader& reader, std::optional<int> year) {
  const json::value* given = reader.require("date");
  if (given == nullptr) return {};
  const json::string* text = given->if_string();
  const auto date = text != nullptr ? parse_date(*text, year) : std::nullopt;
  if (!date) {
    reader.refuse("date", year ? "must be a date such as 3/2 or 2024/3/2"
                               : "must be a date such as 2024/3/2, or 3/2 where a year is given");
  }
  return date.value_or(std::chrono::local_days());
}

Draft festival_row(const json::object& row, const ImportOptions& options, const Zone& zone) {
  const json::value value(row);
  JsonReader reader(value);
  for (const auto& member : row) reader.ignore(member.key());
  auto id = read_event_id(reader);
  const auto date = read_date(reader, options.year);
  constexpr auto rule = "must be a time such as 9:00";
  const auto from = read_part(reader, "startTime", parse_time_of_day, rule);
  const auto to = read_part(reader, "endTime", parse_time_of_day, rule);
  std::string detail = to_json_text(value);
  if (detail.size() > max_detail_bytes) reader.refuse_at("", "is larger than 16384 bytes");
  reader.finish();
  const auto start = zone.instant_of(date + from);
  auto end = zone.instant_of(date + to + std::chrono::days(to < from ? 1 : 0));
  if (!start || !end) throw invalid_at("/date", "must be of the years 1970 to 9999");
  // A change of the clocks can bring the end before the start.
  end = std::max(*start, *end);
  if (!id) id = derived_event_id(detail, *start, *end, zone);
  return {*std::move(id), {*start, *end, std::move(detail)}};
}

Draft read_row(const json::value& value, const ImportOptions& options, const Zone& zone) {
  const json::object* row = value.if_object();
  if (row == nullptr) throw Error(ErrorCode::invalid, "must be an object");
  return row->contains("event_time_start") ? own_row(*row, zone)
                                           : festival_row(*row, options, zone);
}

std::string message_of(const Error& error) {
  std::string message;
  for (const ErrorDetail& detail : error.details()) {
    if (!message.empty()) message += "; ";
    if (!detail.pointer.empty()) message += detail.pointer.substr(1) + ' ';
    message += detail.message;
  }
  return message.empty() ? error.message() : message;
}

std::string id_in(const json::value& row) {
  const json::object* members = row.if_object();
  const json::value* id = members != nullptr ? members->if_contains("id") : nullptr;
  if (id == nullptr) return {};
  if (const json::string* text = id->if_string()) {
    // No longer than one that would do, so that an answer is bounded.
    return is_event_id(*text) ? std::string(*text) : std::string();
  }
  return id->is_number() ? json::serialize(*id) : std::string();
}

}  // namespace

ImportRequest import_request_from_json(json::value body, ImportOptions options) {
  ImportRequest request{.options = std::move(options), .rows = {}, .url = {}};
  if (json::array* rows = body.if_array()) {
    request.rows = std::move(*rows);
    return request;
  }
  if (!body.is_object()) throw Error(ErrorCode::invalid, "must be an array or an object");
  JsonReader reader(body);
  if (const auto year = reader.integer("year", first_year, last_year)) {
    request.options.year = static_cast<int>(*year);
  }
  if (auto zone = reader.string("time_zone")) request.options.time_zone = *std::move(zone);
  request.options.dry_run = reader.boolean("dry_run").value_or(request.options.dry_run);
  request.options.skip_bad = reader.boolean("skip_bad").value_or(request.options.skip_bad);
  const bool has_events = reader.find("events") != nullptr;
  if (auto url = reader.string("url")) request.url = *std::move(url);
  if (has_events == !request.url.empty()) {
    reader.refuse_at("", "must have either events or a url");
  } else if (has_events && !reader.find("events")->is_array()) {
    reader.refuse("events", "must be an array");
  }
  reader.finish();
  if (has_events) request.rows = std::move(body.as_object()["events"].as_array());
  return request;
}

ReadRows read_rows(const json::array& rows, const ImportOptions& options) {
  const Zone zone(options.time_zone);
  if (rows.size() > max_import_rows) {
    throw Error(ErrorCode::invalid, "has more than " + std::to_string(max_import_rows) + " events");
  }
  ReadRows read;
  std::set<std::string> ids;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    try {
      Draft draft = read_row(rows[index], options, zone);
      if (!ids.insert(draft.id).second) throw invalid_at("/id", "is there twice");
      read.drafts.push_back(std::move(draft));
    } catch (const Error& error) {
      read.errors.push_back({index, id_in(rows[index]), message_of(error)});
    }
  }
  return read;
}

}  // namespace callboard::events
