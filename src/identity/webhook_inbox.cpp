#include "identity/webhook_inbox.hpp"

#include <fmt/format.h>

namespace callboard::identity {
namespace {

constexpr std::int64_t pruned_at_once = 8;

void prune(db::Transaction& transaction, Timestamp now) {
  transaction.execute(
      fmt::format("DELETE FROM line_webhook_events WHERE (app_id, webhook_event_id) IN"
                  " (SELECT app_id, webhook_event_id FROM line_webhook_events"
                  " WHERE done_at_ms <= $1 ORDER BY done_at_ms LIMIT $2{})",
                  transaction.skip_locked()),
      {unix_ms(now - webhook_memory), pruned_at_once});
}

}  // namespace

void keep_webhook_event(db::Transaction& transaction, std::string_view app_id,
                        const line::WebhookEvent& event, Timestamp now) {
  transaction.execute(
      "INSERT INTO line_webhook_events (app_id, webhook_event_id, received_at_ms, event)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      {app_id, event.webhook_event_id, unix_ms(now), event.json});
}

bool take_webhook_event(db::Transaction& transaction, KeptWebhookEvent& event, Timestamp now) {
  bool is_there = false;
  // Counting the attempt takes the row. A new one is due whatever another node's clock says.
  transaction.query(
      fmt::format("UPDATE line_webhook_events SET attempts = attempts + 1"
                  " WHERE (app_id, webhook_event_id) IN"
                  " (SELECT app_id, webhook_event_id FROM line_webhook_events"
                  " WHERE done_at_ms IS NULL AND (attempts = 0 OR received_at_ms <= $1)"
                  " ORDER BY received_at_ms LIMIT 1{})"
                  " RETURNING app_id, webhook_event_id, event, attempts",
                  transaction.skip_locked()),
      {unix_ms(now)}, [&](const db::Row& row) {
        event = {row.string(0), row.string(1), row.string(2), row.integer(3)};
        is_there = true;
      });
  return is_there;
}

void finish_webhook_event(db::Transaction& transaction, const KeptWebhookEvent& event,
                          Timestamp now) {
  transaction.execute(
      "UPDATE line_webhook_events SET done_at_ms = $3, event = ''"
      " WHERE app_id = $1 AND webhook_event_id = $2",
      {event.app_id, event.webhook_event_id, unix_ms(now)});
  prune(transaction, now);
}

void postpone_webhook_event(db::Transaction& transaction, const KeptWebhookEvent& event,
                            Timestamp until) {
  transaction.execute(
      "UPDATE line_webhook_events SET received_at_ms = $3, attempts = attempts + 1"
      " WHERE app_id = $1 AND webhook_event_id = $2 AND done_at_ms IS NULL",
      {event.app_id, event.webhook_event_id, unix_ms(until)});
}

}  // namespace callboard::identity
