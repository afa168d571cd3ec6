#include "events/subscribed_events.hpp"

namespace callboard::events {
namespace {

conditions::Value::Array subscribed_ids(db::Transaction& transaction, std::string_view app_id,
                                        std::string_view user_id) {
  conditions::Value::Array ids;
  transaction.query(
      "SELECT event_id FROM subscriptions WHERE app_id = $1 AND user_id = $2 ORDER BY event_id",
      {app_id, user_id}, [&](const db::Row& row) { ids.emplace_back(row.string(0)); });
  return ids;
}

}  // namespace

std::unique_ptr<audience::DataProvider> subscribed_events_provider(db::Database& database,
                                                                   const Clock& clock,
                                                                   Metrics& metrics) {
  return audience::list_provider(
      {.name = "events",
       .variable = {"subscribed_events", "list",
                    "The ids of the events that the user is subscribed to"},
       .max_bytes = subscribed_events_bytes,
       .read = subscribed_ids},
      database, clock, metrics);
}

}  // namespace callboard::events
