#include "events/subscribing.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "events/event_store.hpp"
#include "events/subscription_store.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

constexpr std::string_view already = "already_subscribed", no_room = "limit";

// How many more the user may have.
std::int64_t room(db::Transaction& transaction, const Subscriber& subscriber,
                  const audience::AppSettings& settings, Timestamp now) {
  const auto since = settings.limit_counts_ended ? std::nullopt : std::optional(now);
  return std::int64_t{settings.max_subscriptions} -
         count_subscriptions(transaction, subscriber.app_id, subscriber.user_id, since);
}

Event private_event(const Wish& wish, const audience::AppSettings& settings, Timestamp now) {
  if (!settings.client_defined_events) {
    throw Error(ErrorCode::not_found, "there is no such event");
  }
  if (wish.flaw) throw Error(*wish.flaw);
  return {wish.id, *wish.content, 1, now, now};
}

}  // namespace

Wish wish_from_json(const json::value& body, const Zone& zone, bool remind) {
  JsonReader all(body);
  json::object id, content;
  for (const char* name : {"event_time_start", "event_time_end", "event_detail"}) {
    if (const json::value* given = all.find(name)) content[name] = *given;
  }
  if (const json::value* given = all.find("id")) id["id"] = *given;
  const json::value id_value(std::move(id)), content_value(std::move(content));

  JsonReader id_reader(id_value);
  auto named = read_event_id(id_reader);
  id_reader.finish();
  Wish wish{.id = {}, .content = {}, .remind = remind};
  try {
    JsonReader reader(content_value);
    wish.content = read_content(reader, zone);
    reader.finish();
  } catch (const Error& error) {
    if (!named) throw;
    wish.content.reset();
    wish.flaw = error;
  }
  wish.id =
      named ? *std::move(named)
            : derived_event_id(wish.content->detail, wish.content->start, wish.content->end, zone);
  return wish;
}

Event subscribe(db::Transaction& transaction, const Subscriber& subscriber, const Wish& wish,
                const audience::AppSettings& settings, Timestamp now) {
  const auto& [app_id, user_id] = subscriber;
  lock_subscriptions(transaction, app_id, user_id);
  if (is_subscribed(transaction, app_id, user_id, wish.id)) {
    throw Error(ErrorCode::conflict, "already subscribed to this event");
  }
  auto event = find_event(transaction, app_id, wish.id);
  const bool may_be_private = !event && settings.client_defined_events;
  if (may_be_private) {
    // An operator may be about to add it.
    lock_events(transaction, app_id);
    event = find_event(transaction, app_id, wish.id);
  }
  const bool is_private = !event;
  if (is_private) event = private_event(wish, settings, now);
  if (room(transaction, subscriber, settings, now) < 1) {
    throw Error(ErrorCode::unprocessable, "subscribed to " +
                                              std::to_string(settings.max_subscriptions) +
                                              " events already, which is as many as may be");
  }
  const std::string_view owner = is_private ? std::string_view(user_id) : of_application;
  if (is_private) insert_event(transaction, app_id, *event, owner);
  insert_subscription(transaction, app_id, user_id, {wish.id, owner, wish.remind}, now);
  return *event;
}

SubscribedAll subscribe_all(db::Transaction& transaction, const Subscriber& subscriber, bool remind,
                            const audience::AppSettings& settings, Timestamp now) {
  const auto& [app_id, user_id] = subscriber;
  lock_subscriptions(transaction, app_id, user_id);
  std::vector<Event> events;
  each_event(transaction, app_id, [&](Event event) {
    if (event.content.start > now) events.push_back(std::move(event));
  });
  std::ranges::sort(events, is_before);
  std::set<std::string> known;
  for (const Subscription& each : subscriptions_of(transaction, app_id, user_id)) {
    known.insert(each.event.id);
  }
  std::int64_t left = room(transaction, subscriber, settings, now);
  SubscribedAll result;
  for (const Event& event : events) {
    if (known.contains(event.id)) {
      result.not_added.emplace_back(event.id, already);
    } else if (left < 1) {
      result.not_added.emplace_back(event.id, no_room);
    } else {
      insert_subscription(transaction, app_id, user_id, {event.id, of_application, remind}, now);
      result.added.push_back(event.id);
      --left;
    }
  }
  return result;
}

bool unsubscribe(db::Transaction& transaction, const Subscriber& subscriber,
                 std::string_view event_id) {
  lock_subscriptions(transaction, subscriber.app_id, subscriber.user_id);
  return delete_subscription(transaction, subscriber.app_id, subscriber.user_id, event_id);
}

}  // namespace callboard::events
