#include "events/event_routes.hpp"

#include <xxhash.h>

#include <boost/json.hpp>
#include <functional>
#include <limits>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/answers.hpp"
#include "events/event_changes.hpp"
#include "events/query.hpp"
#include "http/page_query.hpp"

namespace callboard::events {
namespace {

using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

// False: more bytes than `max_built` would have to be put together; nothing of it is answered.
using Answer =
    std::function<bool(const Schedule&, const Request&, Response&, std::size_t max_built)>;
constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

// From memory where the schedule is there; what is lent stays until this thread's next request.
http::Handler reading(const Schedules& schedules, Answer answer) {
  return {[&schedules, answer](const Request& request, Response& response) {
            const Schedule* schedule = schedules.current(request.caller.app_id);
            if (schedule == nullptr) return false;
            return answer(*schedule, request, response, max_page_built_at_once);
          },
          [&schedules, answer](const Request& request, Responder responder) {
            const auto schedule = schedules.get(request.caller.app_id);
            Response response;
            answer(*schedule, request, response, any_size);
            response.keep_what_was_lent();
            responder.send(std::move(response));
          }};
}

const Schedule::Entry* find(const Schedule& schedule, const Request& request) {
  const std::string_view segment = request.parameters[0];
  const bool is_plain = segment.find('%') == std::string_view::npos;
  return is_plain ? schedule.find(segment) : schedule.find(request.parameter(0));
}

bool answer_one(const Schedule& schedule, const Request& request, Response& response,
                std::size_t /*max_built*/) {
  const Schedule::Entry* entry = find(schedule, request);
  if (entry == nullptr) throw Error(ErrorCode::not_found, "there is no such event");
  response.lend_header_lines(entry->header_lines);
  if (is_known(request, entry->etag()))
    response.status = 304;
  else
    response.lend_body(entry->body);
  return true;
}

bool answer_page(const Schedule& schedule, const Request& request, Response& response,
                 std::size_t max_built) {
  const std::int64_t page = http::number_in(request, "page", http::max_page, 1);
  const std::int64_t limit =
      http::number_in(request, "limit", max_events_listed, default_events_listed);
  const auto [first, last] = range_of(page, limit, schedule.entries().size());
  const auto entries = schedule.entries().subspan(first, last - first);
  std::uint64_t hash = 0;
  std::size_t bytes = answer_head.size() + answer_tail.size() + 2;
  for (const Schedule::Entry& entry : entries) {
    hash = XXH3_64bits_withSeed(&entry.hash, sizeof entry.hash, hash);
    bytes += entry.shown().size() + 1;
  }
  const std::string lines = validator_lines(hash);
  const bool is_304 = is_known(request, etag_in(lines));
  if (!is_304 && bytes > max_built) return false;
  response.header("ETag", etag_in(lines));
  response.header("Cache-Control", "private, no-cache");
  if (is_304) {
    response.status = 304;
    return true;
  }
  response.body.reserve(bytes);
  response.body.append(answer_head).append("[");
  for (const Schedule::Entry& entry : entries) {
    if (&entry != entries.data()) response.body += ',';
    response.body += entry.shown();
  }
  response.body.append("]").append(answer_tail);
  return true;
}

}  // namespace

http::Routes event_routes(db::Database& database, const Schedules& schedules,
                          const audience::Applications& applications, const EventWatcher& watcher,
                          const Clock& clock) {
  const auto update = [&database, &applications, &watcher, &clock](const Request& request,
                                                                   Responder responder) {
    const Zone zone(applications.require(request.caller.app_id)->settings.time_zone);
    const std::string id = request.parameter(0);
    audience::answer_after_write(
        database, std::move(responder),
        [&watcher, id, zone, by = audience::audit_entry(request, "", ""), now = clock.now(),
         revision = revision_from_json(parse_json(request.body), id, /*whole=*/false, zone)](
            db::Transaction& transaction) {
          std::string shown;
          EventChanges changes(transaction, watcher, by, now);
          append_event(shown, changes.update(id, revision), zone);
          return http::json_response(answer_body(shown));
        });
  };
  constexpr auto surface = Surface::people;
  return {
      {Method::get, "/events", Access::visitor, surface, reading(schedules, answer_page)},
      {Method::get, "/events/{event_id}", Access::visitor, surface, reading(schedules, answer_one)},
      {Method::put, "/events/{event_id}", Access::app_editor, surface, http::deferred(update)},
  };
}

}  // namespace callboard::events
