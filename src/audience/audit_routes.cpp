#include "audience/audit_routes.hpp"

#include <boost/json.hpp>
#include <charconv>

#include "audience/audit_log.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Surface;

http::Response list(db::Database& database, const Request& request);

}  // namespace

http::Routes audit_routes(db::Database& database) {
  return {
      {Method::get, "/api/workspace/{workspace_id}/audit", Access::admin, Surface::console,
       http::blocking([&](const Request& request) { return list(database, request); })},
  };
}

namespace {

std::int64_t whole_number(std::string_view name, std::string_view text, std::int64_t high) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc{} && end == text.data() + text.size() && value >= 1 && value <= high) {
    return value;
  }
  throw Error(ErrorCode::invalid,
              std::string(name) + " must be a whole number from 1 to " + std::to_string(high));
}

AuditQuery query_of(const Request& request) {
  AuditQuery query;
  query.workspace_id = request.parameter(0);
  for (auto& [name, value] : request.query_pairs()) {
    if (name == "app")
      query.app_id = std::move(value);
    else if (name == "actor")
      query.actor = std::move(value);
    else if (name == "action")
      query.action = std::move(value);
    else if (name == "before")
      query.before = whole_number(name, value, INT64_MAX);
    else if (name == "limit")
      query.limit = static_cast<std::size_t>(whole_number(name, value, max_audit_page));
    else
      throw Error(ErrorCode::invalid, "unknown parameter \"" + name + "\"");
  }
  return query;
}

json::value value_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : parse_json(text);
}

json::object to_json(const RecordedEntry& recorded) {
  const AuditEntry& entry = recorded.entry;
  return {{"entry", recorded.number},
          {"at", rfc3339(recorded.at)},
          {"actor", entry.actor},
          {"address", entry.address},
          {"app_id", entry.app_id.empty() ? json::value(nullptr) : json::value(entry.app_id)},
          {"action", entry.action},
          {"subject", entry.subject},
          {"before", value_or_null(entry.before)},
          {"after", value_or_null(entry.after)}};
}

http::Response list(db::Database& database, const Request& request) {
  const AuditQuery query = query_of(request);
  const auto entries =
      database.get([&](db::Transaction& transaction) { return list_audit(transaction, query); });
  json::array listed;
  for (const RecordedEntry& entry : entries) listed.push_back(to_json(entry));
  // Where the page is full there may be more.
  json::value next = nullptr;
  if (entries.size() == query.limit) next = entries.back().number;
  return http::json_response(
      to_json_text(json::object{{"entries", std::move(listed)}, {"before", std::move(next)}}));
}

}  // namespace
}  // namespace callboard::audience
