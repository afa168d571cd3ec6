#include "events/subscription_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audience/audience.hpp"
#include "events/event_store.hpp"

namespace callboard::events {
namespace {

std::int64_t only_integer(const db::Row& row) {
  return row.integer(0);
}

}  // namespace

void lock_subscriptions(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id) {
  transaction.lock(fmt::format("subscriptions/{}/{}", app_id, user_id));
}

std::vector<Subscription> subscriptions_of(db::Transaction& transaction, std::string_view app_id,
                                           std::string_view user_id) {
  std::vector<Subscription> subscriptions;
  transaction.query(
      fmt::format("SELECT {}, subscriptions.owner_id, remind, subscriptions.created_at_ms "
                  "FROM subscriptions JOIN events ON events.app_id = subscriptions.app_id "
                  "AND events.event_id = subscriptions.event_id "
                  "AND events.owner_id = subscriptions.owner_id "
                  "WHERE subscriptions.app_id = $1 AND subscriptions.user_id = $2",
                  event_columns),
      {app_id, user_id}, [&](const db::Row& row) {
        subscriptions.push_back({read_event(row), row.text(event_column_count) != of_application,
                                 row.integer(event_column_count + 1) != 0,
                                 timestamp_from_ms(row.integer(event_column_count + 2))});
      });
  std::ranges::sort(subscriptions, is_before, &Subscription::event);
  return subscriptions;
}

bool is_subscribed(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
                   std::string_view event_id) {
  return transaction
      .first("SELECT 1 FROM subscriptions WHERE app_id = $1 AND user_id = $2 AND event_id = $3",
             {app_id, user_id, event_id}, only_integer)
      .has_value();
}

std::int64_t count_subscriptions(db::Transaction& transaction, std::string_view app_id,
                                 std::string_view user_id, std::optional<Timestamp> since) {
  if (!since) {
    return transaction
        .first("SELECT COUNT(*) FROM subscriptions WHERE app_id = $1 AND user_id = $2",
               {app_id, user_id}, only_integer)
        .value_or(0);
  }
  return transaction
      .first(
          "SELECT COUNT(*) FROM subscriptions JOIN events ON events.app_id = subscriptions.app_id "
          "AND events.event_id = subscriptions.event_id "
          "AND events.owner_id = subscriptions.owner_id "
          "WHERE subscriptions.app_id = $1 AND subscriptions.user_id = $2 AND end_ms >= $3",
          {app_id, user_id, unix_ms(*since)}, only_integer)
      .value_or(0);
}

std::int64_t count_subscribers(db::Transaction& transaction, std::string_view app_id,
                               std::string_view event_id) {
  return transaction
      .first("SELECT COUNT(*) FROM subscriptions WHERE app_id = $1 AND event_id = $2",
             {app_id, event_id}, only_integer)
      .value_or(0);
}

std::vector<UpcomingEvent> upcoming_events(db::Transaction& transaction, std::string_view app_id,
                                           std::string_view user_id, Timestamp now) {
  std::vector<UpcomingEvent> upcoming;
  transaction.query(
      "SELECT events.event_id, subscriptions.user_id FROM events LEFT JOIN subscriptions "
      "ON subscriptions.app_id = events.app_id AND subscriptions.event_id = events.event_id "
      "AND subscriptions.user_id = $2 "
      "WHERE events.app_id = $1 AND events.owner_id = '' AND start_ms > $3 "
      "ORDER BY start_ms, events.event_id LIMIT $4",
      {app_id, user_id, unix_ms(now), max_events_per_app},
      [&](const db::Row& row) { upcoming.push_back({row.string(0), !row.is_null(1)}); });
  return upcoming;
}

bool insert_subscription(db::Transaction& transaction, std::string_view app_id,
                         std::string_view user_id, const NewSubscription& subscription,
                         Timestamp now) {
  return transaction.execute(
             "INSERT INTO subscriptions "
             "(app_id, user_id, event_id, owner_id, remind, created_at_ms) "
             "SELECT app_id, CAST($2 AS TEXT), event_id, owner_id, CAST($5 AS INTEGER), "
             "CAST($6 AS BIGINT) "
             "FROM events WHERE app_id = $1 AND event_id = $3 AND owner_id = $4",
             {app_id, user_id, subscription.event_id, subscription.owner_id,
              std::int64_t{subscription.remind}, unix_ms(now)}) > 0;
}

void announce_subscriptions(db::Transaction& transaction, std::string_view app_id,
                            std::string_view user_id) {
  transaction.announce(app_id, audience::provided_change, user_id);
}

bool delete_subscription(db::Transaction& transaction, const EventWatcher& watcher,
                         std::string_view app_id, std::string_view user_id,
                         std::string_view event_id) {
  const auto owner = transaction.first(
      "SELECT owner_id FROM subscriptions WHERE app_id = $1 AND user_id = $2 AND event_id = $3",
      {app_id, user_id, event_id}, [](const db::Row& row) { return row.string(0); });
  if (!owner) return false;
  // What follows from an event is held before its subscriptions, as everywhere.
  if (*owner != of_application) watcher.event_erased(transaction, {app_id, event_id, *owner});
  transaction.execute(
      "DELETE FROM subscriptions WHERE app_id = $1 AND user_id = $2 AND event_id = $3",
      {app_id, user_id, event_id});
  if (*owner != of_application) delete_event(transaction, app_id, event_id, *owner);
  announce_subscriptions(transaction, app_id, user_id);
  return true;
}

}  // namespace callboard::events
