#include "identity/webhook_inbox.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "jobs/job_store.hpp"

namespace callboard::identity {

void keep_webhook_event(db::Transaction& transaction, std::string_view app_id,
                        const line::WebhookEvent& event, Timestamp now) {
  const bool is_new =
      transaction.execute(
          "INSERT INTO line_webhook_events (app_id, webhook_event_id, received_at_ms, event)"
          " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
          {app_id, event.webhook_event_id, unix_ms(now), event.json}) > 0;
  if (!is_new) return;
  const std::string payload =
      boost::json::serialize(boost::json::object{{"webhook_event_id", event.webhook_event_id}});
  jobs::enqueue(
      transaction,
      {.kind = webhook_job, .app_id = app_id, .payload = payload, .max_attempts = webhook_attempts},
      now);
}

std::optional<std::string> find_webhook_event(db::Transaction& transaction, std::string_view app_id,
                                              std::string_view webhook_event_id) {
  return transaction.first(
      "SELECT event FROM line_webhook_events"
      " WHERE app_id = $1 AND webhook_event_id = $2 AND done_at_ms IS NULL",
      {app_id, webhook_event_id}, [](const db::Row& row) { return row.string(0); });
}

void finish_webhook_event(db::Transaction& transaction, std::string_view app_id,
                          std::string_view webhook_event_id, Timestamp now) {
  transaction.execute(
      "UPDATE line_webhook_events SET done_at_ms = $3, event = ''"
      " WHERE app_id = $1 AND webhook_event_id = $2",
      {app_id, webhook_event_id, unix_ms(now)});
}

bool prune_webhook_events(db::Transaction& transaction, Timestamp now) {
  return transaction.execute(
             fmt::format("DELETE FROM line_webhook_events WHERE (app_id, webhook_event_id) IN"
                         " (SELECT app_id, webhook_event_id FROM line_webhook_events"
                         " WHERE done_at_ms <= $1 ORDER BY done_at_ms LIMIT $2{})",
                         transaction.skip_locked()),
             {unix_ms(now - webhook_memory), pruned_webhook_events}) == pruned_webhook_events;
}

}  // namespace callboard::identity
