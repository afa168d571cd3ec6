#include "events/user_events.hpp"

#include <boost/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "audience/audience.hpp"
#include "events/calendar_links.hpp"
#include "events/event.hpp"
#include "events/subscription_store.hpp"

namespace callboard::events {

namespace json = boost::json;

namespace {

// The ids of those that the user defined.
std::vector<std::string> own_events(db::Transaction& transaction, std::string_view app_id,
                                    std::string_view user_id) {
  std::vector<std::string> ids;
  transaction.query("SELECT event_id FROM events WHERE app_id = $1 AND owner_id = $2",
                    {app_id, user_id}, [&](const db::Row& row) { ids.push_back(row.string(0)); });
  return ids;
}

}  // namespace

json::object show_subscriptions(db::Transaction& transaction, std::string_view app_id,
                                std::string_view user_id) {
  const Zone utc("UTC");
  json::array subscriptions;
  for (const Subscription& each : subscriptions_of(transaction, app_id, user_id)) {
    subscriptions.push_back(json::object{{"event", to_json(each.event, utc)},
                                         {"defined_by_user", each.is_private},
                                         {"remind", each.remind},
                                         {"subscribed_at", rfc3339(each.created_at)}});
  }
  json::object shown;
  if (!subscriptions.empty()) shown["subscriptions"] = std::move(subscriptions);
  transaction.query("SELECT 1 FROM calendar_links WHERE app_id = $1 AND user_id = $2",
                    {app_id, user_id}, [&](const db::Row&) { shown["calendar_link"] = true; });
  return shown;
}

bool erase_subscriptions(db::Transaction& transaction, const EventWatcher& watcher,
                         std::string_view app_id, std::string_view user_id) {
  lock_subscriptions(transaction, app_id, user_id);
  for (const std::string& event_id : own_events(transaction, app_id, user_id)) {
    watcher.event_erased(transaction, {app_id, event_id, user_id});
  }
  std::int64_t gone = transaction.execute(
      "DELETE FROM subscriptions WHERE app_id = $1 AND user_id = $2", {app_id, user_id});
  if (gone > 0) transaction.announce(app_id, audience::provided_change, user_id);
  gone += transaction.execute("DELETE FROM events WHERE app_id = $1 AND owner_id = $2",
                              {app_id, user_id});
  return revoke_calendar_link(transaction, app_id, user_id) || gone > 0;
}

}  // namespace callboard::events
