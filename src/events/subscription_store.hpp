#pragma once

// Who is subscribed to what, at rest. Each function is one step of the caller's transaction; what
// changes a user's subscriptions is announced (audience::provided_change, the user). Errors: those
// of db::Transaction.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "events/event.hpp"
#include "events/event_watcher.hpp"

namespace callboard::events {

// Before a user's subscriptions are read to be changed: two changes at once would pass the limit.
void lock_subscriptions(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id);

struct Subscription {
  Event event;
  bool is_private = false;  // the user's own event, which nobody else has
  bool remind = true;
  Timestamp created_at;
};
// By start and id.
std::vector<Subscription> subscriptions_of(db::Transaction& transaction, std::string_view app_id,
                                           std::string_view user_id);
bool is_subscribed(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
                   std::string_view event_id);
// Of events that end at `since` or later; nothing: of all.
std::int64_t count_subscriptions(db::Transaction& transaction, std::string_view app_id,
                                 std::string_view user_id, std::optional<Timestamp> since);
std::int64_t count_subscribers(db::Transaction& transaction, std::string_view app_id,
                               std::string_view event_id);

struct UpcomingEvent {
  std::string id;
  bool is_subscribed = false;  // the user, to one of that id
};
// The application's that start after `now`, by start and id.
std::vector<UpcomingEvent> upcoming_events(db::Transaction& transaction, std::string_view app_id,
                                           std::string_view user_id, Timestamp now);

struct NewSubscription {
  std::string_view event_id;
  std::string_view owner_id;  // of the event
  bool remind;
};
// False: there is no such event. Throws Error{conflict} where the user has it already, or somebody
// deletes the event at the same time. Announces nothing: the caller may insert many.
[[nodiscard]] bool insert_subscription(db::Transaction& transaction, std::string_view app_id,
                                       std::string_view user_id,
                                       const NewSubscription& subscription, Timestamp now);
// After that, once.
void announce_subscriptions(db::Transaction& transaction, std::string_view app_id,
                            std::string_view user_id);
// With the event, where it is private, of which the watcher is told. False: there was none.
bool delete_subscription(db::Transaction& transaction, const EventWatcher& watcher,
                         std::string_view app_id, std::string_view user_id,
                         std::string_view event_id);

}  // namespace callboard::events
