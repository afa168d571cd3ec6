#include "events/calendar_routes.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/answers.hpp"
#include "events/calendar_links.hpp"
#include "events/icalendar.hpp"
#include "events/subscription_store.hpp"
#include "http/calls.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

constexpr std::string_view extension = ".ics";

struct CalendarCalls {
  db::Database& database;
  const Schedules& schedules;
  const audience::Applications& applications;
  const identity::OwnAddress& own_address;
  const Clock& clock;

  Response of_application(const Request& request) const;
  Response of_user(const Request& request) const;
  void issue(const Request& request, Responder responder) const;
  void revoke(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes calendar_routes(db::Database& database, const Schedules& schedules,
                             const audience::Applications& applications,
                             const identity::OwnAddress& own_address, const Clock& clock) {
  using Calls = CalendarCalls;
  const http::Calls call(Calls{database, schedules, applications, own_address, clock});
  constexpr auto surface = Surface::people;
  return {
      {Method::get, "/events.ics", Access::visitor, surface, call(&Calls::of_application)},
      {Method::get, "/calendar/{file}", Access::anyone, surface, call(&Calls::of_user)},
      {Method::post, "/users/calendar", Access::person, surface, call(&Calls::issue)},
      {Method::delete_, "/users/calendar", Access::person, surface, call(&Calls::revoke)},
  };
}

namespace {

Response CalendarCalls::of_application(const Request& request) const {
  const auto schedule = schedules.get(request.caller.app_id);
  const auto& [text, header_lines] = schedule->calendar();
  return calendar_response(request, text, header_lines);
}

Response CalendarCalls::of_user(const Request& request) const {
  const Error unknown(ErrorCode::not_found, "there is no such calendar");
  std::string token = request.parameter(0);
  if (!token.ends_with(extension)) throw Error(unknown);
  token.resize(token.size() - extension.size());
  if (!is_calendar_token(token)) throw Error(unknown);
  std::optional<CalendarOwner> owner;
  std::vector<Subscription> subscriptions;
  database.read([&](db::Transaction& transaction) {
    owner = owner_of_calendar(transaction, token);
    if (owner) subscriptions = subscriptions_of(transaction, owner->app_id, owner->user_id);
  });
  if (!owner) throw Error(unknown);
  Calendar calendar(owner->app_id, applications.require(owner->app_id)->settings.name);
  for (const Subscription& each : subscriptions) calendar.add(each.event);
  const std::string text = std::move(calendar).text();
  return calendar_response(request, text, validator_lines_of(text));
}

void CalendarCalls::issue(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [base = own_address.url(request, "/calendar/"), now = clock.now(),
       app_id = std::string(request.caller.app_id),
       user_id = std::string(request.caller.user_id)](db::Transaction& transaction) {
        const std::string token = issue_calendar_link(transaction, app_id, user_id, now);
        return http::json_response(answer_body(
            to_json_text(json::object{{"url", base + token + std::string(extension)}})));
      });
}

void CalendarCalls::revoke(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [app_id = std::string(request.caller.app_id),
       user_id = std::string(request.caller.user_id)](db::Transaction& transaction) {
        const bool was_there = revoke_calendar_link(transaction, app_id, user_id);
        return http::json_response(
            answer_body(to_json_text(json::object{{"was_there", was_there}})));
      });
}

}  // namespace
}  // namespace callboard::events
