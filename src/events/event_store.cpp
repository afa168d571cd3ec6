#include "events/event_store.hpp"

#include <fmt/format.h>

namespace callboard::events {
namespace {

db::Value optional_text(const std::optional<std::string>& text) {
  return text ? db::Value(std::string_view(*text)) : db::Value(nullptr);
}

}  // namespace

void lock_events(db::Transaction& transaction, std::string_view app_id) {
  transaction.lock(fmt::format("events/{}", app_id));
}

Event read_event(const db::Row& row) {
  Event event;
  event.id = row.string(0);
  event.content.start = timestamp_from_ms(row.integer(1));
  event.content.end = timestamp_from_ms(row.integer(2));
  event.content.detail = row.optional_string(3);
  event.version = row.integer(4);
  event.created_at = timestamp_from_ms(row.integer(5));
  event.updated_at = timestamp_from_ms(row.integer(6));
  event.leads_minutes = leads_from_stored(row.optional_string(7));
  return event;
}

std::optional<Event> find_event(db::Transaction& transaction, std::string_view app_id,
                                std::string_view event_id, std::string_view owner_id) {
  return transaction.first(
      fmt::format("SELECT {} FROM events WHERE app_id = $1 AND event_id = $2 AND owner_id = $3",
                  event_columns),
      {app_id, event_id, owner_id}, read_event);
}

void each_event(db::Transaction& transaction, std::string_view app_id,
                const std::function<void(Event)>& each) {
  transaction.query(
      fmt::format("SELECT {} FROM events WHERE app_id = $1 AND owner_id = ''", event_columns),
      {app_id}, [&](const db::Row& row) { each(read_event(row)); });
}

std::vector<OwnedEvent> upcoming_of_all(db::Transaction& transaction, std::string_view app_id,
                                        Timestamp now, const OwnedEvent* after,
                                        std::int64_t limit) {
  std::vector<OwnedEvent> upcoming;
  transaction.query(
      fmt::format("SELECT {}, owner_id FROM events WHERE app_id = $1 AND start_ms > $2"
                  " AND (event_id, owner_id) > ($3, $4) ORDER BY event_id, owner_id LIMIT $5",
                  event_columns),
      {app_id, unix_ms(now), after == nullptr ? std::string_view() : after->event.id,
       after == nullptr ? std::string_view() : after->owner_id, limit},
      [&](const db::Row& row) {
        upcoming.push_back({read_event(row), row.string(event_column_count)});
      });
  return upcoming;
}

std::int64_t count_events(db::Transaction& transaction, std::string_view app_id) {
  return transaction
      .first("SELECT COUNT(*) FROM events WHERE app_id = $1 AND owner_id = ''", {app_id},
             [](const db::Row& row) { return row.integer(0); })
      .value_or(0);
}

void insert_event(db::Transaction& transaction, std::string_view app_id, const Event& event,
                  std::string_view owner_id) {
  const auto leads = stored_leads(event.leads_minutes);
  transaction.execute(
      "INSERT INTO events (app_id, event_id, owner_id, start_ms, end_ms, detail, version, "
      "created_at_ms, updated_at_ms, leads) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      {app_id, event.id, owner_id, unix_ms(event.content.start), unix_ms(event.content.end),
       optional_text(event.content.detail), event.version, unix_ms(event.created_at),
       unix_ms(event.updated_at), optional_text(leads)});
}

void replace_event(db::Transaction& transaction, std::string_view app_id, const Event& event) {
  const auto leads = stored_leads(event.leads_minutes);
  transaction.execute(
      "UPDATE events SET start_ms = $3, end_ms = $4, detail = $5, version = $6, "
      "updated_at_ms = $7, leads = $8 "
      "WHERE app_id = $1 AND event_id = $2 AND owner_id = ''",
      {app_id, event.id, unix_ms(event.content.start), unix_ms(event.content.end),
       optional_text(event.content.detail), event.version, unix_ms(event.updated_at),
       optional_text(leads)});
}

void delete_event(db::Transaction& transaction, std::string_view app_id, std::string_view event_id,
                  std::string_view owner_id) {
  transaction.execute("DELETE FROM events WHERE app_id = $1 AND event_id = $2 AND owner_id = $3",
                      {app_id, event_id, owner_id});
}

void adopt_private_copies(db::Transaction& transaction, std::string_view app_id,
                          std::string_view event_id) {
  transaction.execute(
      "UPDATE subscriptions SET owner_id = '' "
      "WHERE app_id = $1 AND event_id = $2 AND owner_id <> ''",
      {app_id, event_id});
  transaction.execute("DELETE FROM events WHERE app_id = $1 AND event_id = $2 AND owner_id <> ''",
                      {app_id, event_id});
}

void adopt_all_private_copies(db::Transaction& transaction, std::string_view app_id) {
  transaction.execute(
      "UPDATE subscriptions SET owner_id = '' WHERE app_id = $1 AND owner_id <> '' "
      "AND event_id IN (SELECT event_id FROM events WHERE app_id = $1 AND owner_id = '')",
      {app_id});
  transaction.execute(
      "DELETE FROM events WHERE app_id = $1 AND owner_id <> '' "
      "AND event_id IN (SELECT event_id FROM events WHERE app_id = $1 AND owner_id = '')",
      {app_id});
}

}  // namespace callboard::events
