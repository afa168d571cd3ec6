#pragma once

// What this folder keeps of a user: subscriptions, the events they defined, and the address of
// their calendar. For showing and erasing all that is stored of somebody. Each function is one step
// of the caller's transaction.

#include <boost/json/fwd.hpp>
#include <string_view>

#include "db/database.hpp"
#include "events/event_watcher.hpp"

namespace callboard::events {

// {"subscriptions":[{"event":EVENT,"defined_by_user","remind","subscribed_at"}],
//  "calendar_link":true}, by the event's start, times in UTC; each member only where there is one.
boost::json::object show_subscriptions(db::Transaction& transaction, std::string_view app_id,
                                       std::string_view user_id);

// Of events that the user defined the watcher is told. False: there was nothing.
bool erase_subscriptions(db::Transaction& transaction, const EventWatcher& watcher,
                         std::string_view app_id, std::string_view user_id);

}  // namespace callboard::events
