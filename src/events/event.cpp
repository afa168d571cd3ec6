#include "events/event.hpp"

#include <boost/json.hpp>
#include <tuple>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

std::optional<Timestamp> read_time(JsonReader& reader, std::string_view name, const Zone& zone) {
  const json::value* given = reader.find(name);
  if (given == nullptr) return std::nullopt;
  const json::string* text = given->if_string();
  auto time = text != nullptr ? parse_event_time(*text, zone) : std::nullopt;
  if (!time) reader.refuse(name, std::string(event_time_rule));
  return time;
}

constexpr auto ends_too_early = "must not be before event_time_start";

}  // namespace

bool is_before(const Event& left, const Event& right) {
  return std::tie(left.content.start, left.id) < std::tie(right.content.start, right.id);
}

std::optional<std::string> read_event_id(JsonReader& reader) {
  const json::value* given = reader.find("id");
  if (given == nullptr || given->is_null()) return std::nullopt;
  std::string id;
  if (const json::string* text = given->if_string())
    id = *text;
  else if (given->is_int64() || given->is_uint64())
    id = json::serialize(*given);
  if (is_event_id(id)) return id;
  reader.refuse("id", std::string(event_id_rule));
  return std::nullopt;
}

std::optional<std::string> read_detail(JsonReader& reader) {
  const json::value* given = reader.find("event_detail");
  if (given == nullptr || given->is_null()) return std::nullopt;
  auto detail = reader.string("event_detail");
  if (detail && detail->size() > max_detail_bytes) {
    reader.refuse("event_detail", "must have at most 16384 bytes");
    return std::nullopt;
  }
  return detail;
}

Content read_content(JsonReader& reader, const Zone& zone) {
  reader.require("event_time_start");
  reader.require("event_time_end");
  const auto start = read_time(reader, "event_time_start", zone);
  const auto end = read_time(reader, "event_time_end", zone);
  if (start && end && *end < *start) reader.refuse("event_time_end", ends_too_early);
  return {start.value_or(Timestamp()), end.value_or(Timestamp()), read_detail(reader)};
}

Draft draft_from_json(const json::value& body, const Zone& zone, const std::string& pointer) {
  JsonReader reader(body, pointer);
  auto id = read_event_id(reader);
  Content content = read_content(reader, zone);
  auto leads = read_leads(reader);
  reader.finish();
  if (!id) id = derived_event_id(content.detail, content.start, content.end, zone);
  return {*std::move(id), std::move(content), std::move(leads)};
}

Revision revision_from_json(const json::value& body, std::string_view id, bool whole,
                            const Zone& zone) {
  JsonReader reader(body);
  const auto named = read_event_id(reader);
  if (named && *named != id) reader.refuse("id", "is another than the path's");
  for (const char* not_the_authors : {"createdAt", "updatedAt", "deletedAt"}) {
    reader.ignore(not_the_authors);
  }
  Revision revision;
  revision.leads_minutes = read_leads(reader);
  if (whole) {
    Content content = read_content(reader, zone);
    revision.start = content.start;
    revision.end = content.end;
    revision.detail = std::move(content.detail);
    if (!revision.leads_minutes) revision.leads_minutes.emplace();
  } else {
    revision.start = read_time(reader, "event_time_start", zone);
    revision.end = read_time(reader, "event_time_end", zone);
    if (reader.find("event_detail") != nullptr) revision.detail = read_detail(reader);
  }
  reader.finish();
  return revision;
}

Event revised(Event event, const Revision& revision) {
  Content& content = event.content;
  content.start = revision.start.value_or(content.start);
  content.end = revision.end.value_or(content.end);
  if (revision.detail) content.detail = *revision.detail;
  if (content.end < content.start) throw invalid_at("/event_time_end", ends_too_early);
  if (revision.leads_minutes) event.leads_minutes = *revision.leads_minutes;
  return event;
}

void append_event(std::string& out, const Event& event, const Zone& zone) {
  out += "{\"id\":";
  append_json_string(out, event.id);
  out += ",\"event_time_start\":\"" + zone.rfc3339(event.content.start);
  out += "\",\"event_time_end\":\"" + zone.rfc3339(event.content.end);
  out += "\",\"event_detail\":";
  if (event.content.detail)
    append_json_string(out, *event.content.detail);
  else
    out += "null";
  out += ",\"createdAt\":\"" + zone.rfc3339(event.created_at);
  out += "\",\"updatedAt\":\"" + zone.rfc3339(event.updated_at);
  out += "\",\"deletedAt\":null}";
}

json::object to_json(const Event& event, const Zone& zone) {
  std::string text;
  append_event(text, event, zone);
  return parse_json(text).as_object();
}

}  // namespace callboard::events
