#include "events/subscription_routes.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "events/answers.hpp"
#include "events/event_id.hpp"
#include "events/query.hpp"
#include "events/subscribing.hpp"
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

struct SubscriptionCalls {
  db::Database& database;
  const audience::Applications& applications;
  const EventWatcher& watcher;
  const Clock& clock;

  void add(const Request& request, Responder responder) const;
  void add_all(const Request& request, Responder responder) const;
  void remove(const Request& request, Responder responder) const;
  Response list(const Request& request) const;
};

}  // namespace

http::Routes subscription_routes(db::Database& database, const audience::Applications& applications,
                                 const EventWatcher& watcher, const Clock& clock) {
  using Calls = SubscriptionCalls;
  const http::Calls call(Calls{database, applications, watcher, clock});
  constexpr auto surface = Surface::people;
  return {
      {Method::get, "/users/events", Access::person, surface, call(&Calls::list)},
      {Method::post, "/users/events", Access::person, surface, call(&Calls::add)},
      {Method::post, "/users/events/all", Access::person, surface, call(&Calls::add_all)},
      {Method::delete_, "/users/events/{event_id}", Access::person, surface, call(&Calls::remove)},
      {Method::post, "/users/events/delete/{event_id}", Access::person, surface,
       call(&Calls::remove)},
  };
}

namespace {

Subscriber subscriber_of(const Request& request) {
  return {std::string(request.caller.app_id), std::string(request.caller.user_id)};
}

Response answered(const json::value& data) {
  return http::json_response(answer_body(to_json_text(data)));
}

void SubscriptionCalls::add(const Request& request, Responder responder) const {
  const auto application = applications.require(request.caller.app_id);
  const Zone zone(application->settings.time_zone);
  audience::answer_after_write(
      database, std::move(responder),
      [application, zone, &watched_by = watcher, subscriber = subscriber_of(request),
       now = clock.now(),
       wish = wish_from_json(parse_json(request.body), zone, flag_in(request, "remind", true))](
          db::Transaction& transaction) {
        std::string shown;
        append_event(
            shown, subscribe(transaction, watched_by, subscriber, wish, application->settings, now),
            zone);
        return http::json_response(answer_body(shown));
      });
}

void SubscriptionCalls::add_all(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [application = applications.require(request.caller.app_id), now = clock.now(),
       subscriber = subscriber_of(request), &watched_by = watcher,
       remind = flag_in(request, "remind", true)](db::Transaction& transaction) {
        const SubscribedAll all =
            subscribe_all(transaction, watched_by, subscriber, remind, application->settings, now);
        json::array not_added;
        for (const auto& [id, reason] : all.not_added) {
          not_added.push_back(json::object{{"id", id}, {"reason", reason}});
        }
        return answered(json::object{{"added", json::value_from(all.added)},
                                     {"not_added", std::move(not_added)}});
      });
}

void SubscriptionCalls::remove(const Request& request, Responder responder) const {
  const std::string id = request.parameter(0);
  if (!is_event_id(id)) throw Error(ErrorCode::invalid, "the id " + std::string(event_id_rule));
  audience::answer_after_write(
      database, std::move(responder),
      [id, subscriber = subscriber_of(request),
       &watched_by = watcher](db::Transaction& transaction) {
        const bool was_subscribed = unsubscribe(transaction, watched_by, subscriber, id);
        return answered(json::object{{"id", id}, {"was_subscribed", was_subscribed}});
      });
}

Response SubscriptionCalls::list(const Request& request) const {
  const auto [app_id, user_id] = subscriber_of(request);
  const Zone zone(applications.require(app_id)->settings.time_zone);
  const auto subscriptions = database.get(
      [&](db::Transaction& transaction) { return subscriptions_of(transaction, app_id, user_id); });
  std::string data = "[";
  for (const Subscription& each : subscriptions) {
    if (data.size() > 1) data += ',';
    append_event(data, each.event, zone);
  }
  return http::json_response(answer_body(data + "]"));
}

}  // namespace
}  // namespace callboard::events
