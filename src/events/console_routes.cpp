#include "events/console_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/event_changes.hpp"
#include "events/event_store.hpp"
#include "events/query.hpp"
#include "events/subscription_store.hpp"
#include "http/calls.hpp"
#include "http/page_query.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct ConsoleCalls {
  db::Database& database;
  const Schedules& schedules;
  const audience::Applications& applications;
  const EventWatcher& watcher;
  const Clock& clock;

  Response list(const Request& request) const;
  Response get(const Request& request) const;
  void create(const Request& request, Responder responder) const;
  void replace(const Request& request, Responder responder) const;
  void change(const Request& request, Responder responder) const;
  void erase(const Request& request, Responder responder) const;

 private:
  using Change = std::function<Event(EventChanges&)>;
  Zone zone_of(const Request& request) const;
  void write(const Request& request, Change change, Responder responder) const;
  void update(const Request& request, bool whole, Responder responder) const;
};

}  // namespace

http::Routes console_routes(db::Database& database, const Schedules& schedules,
                            const audience::Applications& applications, const EventWatcher& watcher,
                            const Clock& clock) {
  using Calls = ConsoleCalls;
  const http::Calls call(Calls{database, schedules, applications, watcher, clock});
  const std::string all = "/api/workspace/{workspace_id}/application/{app_id}/events";
  const std::string one = all + "/{event_id}";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, all, Access::viewer, surface, call(&Calls::list)},
      {Method::post, all, Access::editor, surface, call(&Calls::create)},
      {Method::get, one, Access::viewer, surface, call(&Calls::get)},
      {Method::put, one, Access::editor, surface, call(&Calls::replace)},
      {Method::patch, one, Access::editor, surface, call(&Calls::change)},
      {Method::delete_, one, Access::editor, surface, call(&Calls::erase)},
  };
}

namespace {

std::string event_in_path(const Request& request) {
  return request.parameter(2);
}

// Without the closing brace: what operators see besides of an event, or of its schedule's entry.
template <class T>
void append_rest(std::string& out, db::Transaction& transaction, std::string_view app_id,
                 const T& event) {
  out += ",\"version\":" + std::to_string(event.version);
  append_leads(out, event.leads_minutes);
  out += ",\"subscribers\":" + std::to_string(count_subscribers(transaction, app_id, event.id));
}

std::string shown(db::Transaction& transaction, std::string_view app_id, const Event& event,
                  const Zone& zone) {
  std::string text;
  append_event(text, event, zone);
  text.pop_back();
  append_rest(text, transaction, app_id, event);
  return text + "}";
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool contains(std::string_view text, std::string_view wanted) {
  return !std::ranges::search(text, wanted, {}, lower, lower).empty() || wanted.empty();
}

// As it stands within a JSON string.
std::string escaped(std::string_view text) {
  const std::string quoted = json::serialize(json::string(text));
  return quoted.substr(1, quoted.size() - 2);
}

// The detail as it is shown, escaped. Within strings every quotation mark is, so that the names of
// members are found nowhere else.
std::string_view detail_in(std::string_view shown) {
  constexpr std::string_view before = "\"event_detail\":\"", after = "\",\"createdAt\":\"";
  const auto start = shown.find(before);
  if (start == std::string_view::npos) return {};
  shown.remove_prefix(start + before.size());
  return shown.substr(0, shown.find(after));
}

// The events whose id or detail has what is searched for.
std::vector<const Schedule::Entry*> found_in(const Schedule& schedule, const Request& request) {
  const std::string text = request.query_value("q").value_or("");
  if (text.size() > max_search_bytes) throw Error(ErrorCode::invalid, "q is too long");
  // In a detail that is a text, and in a JSON string of one that is JSON.
  const std::string in_text = escaped(text), in_json = escaped(in_text);
  std::vector<const Schedule::Entry*> found;
  for (const Schedule::Entry& entry : schedule.entries()) {
    const std::string_view detail = detail_in(entry.shown());
    if (contains(entry.id, text) || contains(detail, in_text) || contains(detail, in_json)) {
      found.push_back(&entry);
    }
  }
  return found;
}

Response ConsoleCalls::list(const Request& request) const {
  const std::int64_t page = http::number_in(request, "page", http::max_page, 1);
  const std::int64_t size = http::number_in(request, "size", max_console_page, 10);
  const auto schedule = schedules.get(request.caller.app_id);
  const auto found = found_in(*schedule, request);
  const auto [first, last] = range_of(page, size, found.size());
  std::string body = "{\"total\":" + std::to_string(found.size()) + ",\"events\":[";
  database.read([&](db::Transaction& transaction) {
    for (std::size_t i = first; i < last; ++i) {
      const Schedule::Entry& entry = *found[i];
      if (i > first) body += ',';
      body += entry.shown();
      body.pop_back();
      append_rest(body, transaction, request.caller.app_id, entry);
      body += '}';
    }
  });
  return http::json_response(body + "]}");
}

Response ConsoleCalls::get(const Request& request) const {
  const Zone zone = zone_of(request);
  return http::json_response(database.get([&](db::Transaction& transaction) {
    const auto event = find_event(transaction, request.caller.app_id, event_in_path(request));
    if (!event) throw Error(ErrorCode::not_found, "there is no such event");
    return shown(transaction, request.caller.app_id, *event, zone);
  }));
}

Zone ConsoleCalls::zone_of(const Request& request) const {
  return Zone(applications.require(request.caller.app_id)->settings.time_zone);
}

void ConsoleCalls::write(const Request& request, Change change, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [change = std::move(change), by = audience::audit_entry(request, "", ""), now = clock.now(),
       zone = zone_of(request), &watched_by = watcher](db::Transaction& transaction) {
        EventChanges changes(transaction, watched_by, by, now);
        const Event event = change(changes);
        return http::json_response(shown(transaction, by.app_id, event, zone));
      });
}

void ConsoleCalls::create(const Request& request, Responder responder) const {
  write(
      request,
      [draft = draft_from_json(parse_json(request.body), zone_of(request))](EventChanges& changes) {
        return changes.create(draft);
      },
      std::move(responder));
}

void ConsoleCalls::replace(const Request& request, Responder responder) const {
  update(request, /*whole=*/true, std::move(responder));
}

void ConsoleCalls::change(const Request& request, Responder responder) const {
  update(request, /*whole=*/false, std::move(responder));
}

void ConsoleCalls::update(const Request& request, bool whole, Responder responder) const {
  const std::string id = event_in_path(request);
  write(
      request,
      [id, revision = revision_from_json(parse_json(request.body), id, whole, zone_of(request))](
          EventChanges& changes) { return changes.update(id, revision); },
      std::move(responder));
}

void ConsoleCalls::erase(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [id = event_in_path(request), by = audience::audit_entry(request, "", ""), now = clock.now(),
       &watched_by = watcher](db::Transaction& transaction) {
        EventChanges(transaction, watched_by, by, now).erase(id);
        return http::json_response(to_json_text(json::object{{"id", id}}));
      });
}

}  // namespace
}  // namespace callboard::events
