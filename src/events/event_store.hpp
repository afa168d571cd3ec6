#pragma once

// Events at rest: an application's own, and those that a user defined for themselves alone. Each
// function is one step of the caller's transaction. Errors: those of db::Transaction.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "events/event.hpp"

namespace callboard::events {

inline constexpr std::int64_t max_events_per_app = 10'000;

// The kind of change that a write of an application's events announces.
inline constexpr std::string_view event_change = "event";

// Whose event it is, where it is the application's.
inline constexpr std::string_view of_application = "";

// For whoever changes an application's events, and for a user who adds one of their own because the
// application has none: nobody else does either until the transaction ends.
void lock_events(db::Transaction& transaction, std::string_view app_id);

std::optional<Event> find_event(db::Transaction& transaction, std::string_view app_id,
                                std::string_view event_id,
                                std::string_view owner_id = of_application);
// The application's, in no order.
void each_event(db::Transaction& transaction, std::string_view app_id,
                const std::function<void(Event)>& each);
// Everybody's, the application's and users' own, that start after `now`, by id and owner.
struct OwnedEvent {
  Event event;
  std::string owner_id;
};
// Those behind that one (null: from the beginning), at most so many.
std::vector<OwnedEvent> upcoming_of_all(db::Transaction& transaction, std::string_view app_id,
                                        Timestamp now, const OwnedEvent* after, std::int64_t limit);
std::int64_t count_events(db::Transaction& transaction, std::string_view app_id);

// Throws Error{conflict} where it is there already.
void insert_event(db::Transaction& transaction, std::string_view app_id, const Event& event,
                  std::string_view owner_id = of_application);
// The application's event of that id becomes this one.
void replace_event(db::Transaction& transaction, std::string_view app_id, const Event& event);
// With its subscriptions.
void delete_event(db::Transaction& transaction, std::string_view app_id, std::string_view event_id,
                  std::string_view owner_id = of_application);

// Now that the application has an event of that id: whoever is subscribed to a private one of the
// same id is subscribed to this, and the private ones are gone.
void adopt_private_copies(db::Transaction& transaction, std::string_view app_id,
                          std::string_view event_id);
// The same for all events that the application has, in as many statements.
void adopt_all_private_copies(db::Transaction& transaction, std::string_view app_id);

// The columns of an event in a SELECT from `events`, and the reading of such a row.
inline constexpr std::string_view event_columns =
    "events.event_id, start_ms, end_ms, detail, version, events.created_at_ms, "
    "events.updated_at_ms, leads";
inline constexpr int event_column_count = 8;
Event read_event(const db::Row& row);

}  // namespace callboard::events
