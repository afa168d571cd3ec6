#include "events/subscribing.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "events/event_store.hpp"
#include "events/subscription_store.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

constexpr std::string_view already = "already_subscribed", no_room = "limit";

Error no_such_event() {
  return {ErrorCode::not_found, "there is no such event"};
}

struct Room {
  std::int64_t left;   // how many more the user may have; may be below 0
  std::int64_t limit;  // which leaves no more than that
};

Room room(db::Transaction& transaction, const Subscriber& subscriber,
          const audience::AppSettings& settings, Timestamp now) {
  const auto left_of = [&](std::int64_t limit, std::optional<Timestamp> since) {
    const auto& [app_id, user_id] = subscriber;
    return Room{limit - count_subscriptions(transaction, app_id, user_id, since), limit};
  };
  const std::int64_t limit = settings.max_subscriptions;
  if (settings.limit_counts_ended) return left_of(limit, std::nullopt);
  return std::ranges::min(left_of(limit, now),
                          left_of(std::max(limit, max_subscriptions_with_ended), std::nullopt), {},
                          &Room::left);
}

// Adds it unless the event was deleted meanwhile.
bool insert_unless_deleted(db::Transaction& transaction, const Subscriber& subscriber,
                           const NewSubscription& subscription, Timestamp now) try {
  return insert_subscription(transaction, subscriber.app_id, subscriber.user_id, subscription, now);
} catch (const Error& error) {
  // That the user has none of the id is known, under the user's lock.
  if (error.code() != ErrorCode::conflict) throw;
  return false;
}

// To an application's event that is there.
void tell_subscribed(db::Transaction& transaction, const EventWatcher& watcher,
                     const Subscriber& subscriber, std::string_view event_id) {
  const auto event = find_event(transaction, subscriber.app_id, event_id);
  if (!event) return;
  watcher.subscribed(transaction, {subscriber.app_id, event_id, of_application}, *event,
                     subscriber.user_id);
}

Event private_event(const Wish& wish, const audience::AppSettings& settings, Timestamp now) {
  if (!settings.client_defined_events) throw no_such_event();
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

Event subscribe(db::Transaction& transaction, const EventWatcher& watcher,
                const Subscriber& subscriber, const Wish& wish,
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
  if (const auto [left, limit] = room(transaction, subscriber, settings, now); left < 1) {
    throw Error(ErrorCode::unprocessable, "subscribed to " + std::to_string(limit) +
                                              " events already, which is as many as may be");
  }
  const std::string_view owner = is_private ? std::string_view(user_id) : of_application;
  const EventKey key{app_id, wish.id, owner};
  if (is_private) {
    insert_event(transaction, app_id, *event, owner);
    watcher.event_written(transaction, key, *event, nullptr);
  } else {
    watcher.subscribing(transaction, key);
  }
  if (!insert_unless_deleted(transaction, subscriber, {wish.id, owner, wish.remind}, now)) {
    throw no_such_event();
  }
  if (wish.remind) watcher.subscribed(transaction, key, *event, user_id);
  announce_subscriptions(transaction, app_id, user_id);
  return *event;
}

SubscribedAll subscribe_all(db::Transaction& transaction, const EventWatcher& watcher,
                            const Subscriber& subscriber, bool remind,
                            const audience::AppSettings& settings, Timestamp now) {
  const auto& [app_id, user_id] = subscriber;
  lock_subscriptions(transaction, app_id, user_id);
  // An operator may be about to delete one of them.
  lock_events(transaction, app_id);
  std::int64_t left = room(transaction, subscriber, settings, now).left;
  SubscribedAll result;
  for (UpcomingEvent& event : upcoming_events(transaction, app_id, user_id, now)) {
    if (event.is_subscribed) {
      result.not_added.emplace_back(std::move(event.id), already);
      continue;
    }
    if (left < 1) {
      result.not_added.emplace_back(std::move(event.id), no_room);
      continue;
    }
    watcher.subscribing(transaction, {app_id, event.id, of_application});
    if (insert_subscription(transaction, app_id, user_id, {event.id, of_application, remind},
                            now)) {
      if (remind) tell_subscribed(transaction, watcher, subscriber, event.id);
      result.added.push_back(std::move(event.id));
      --left;
    }
  }
  if (!result.added.empty()) announce_subscriptions(transaction, app_id, user_id);
  return result;
}

bool unsubscribe(db::Transaction& transaction, const EventWatcher& watcher,
                 const Subscriber& subscriber, std::string_view event_id) {
  lock_subscriptions(transaction, subscriber.app_id, subscriber.user_id);
  return delete_subscription(transaction, watcher, subscriber.app_id, subscriber.user_id, event_id);
}

}  // namespace callboard::events
