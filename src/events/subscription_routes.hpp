#pragma once

// A user's subscriptions, in the shape of the festival's front end: subscribing to one event or to
// all that are to come, ending it, and listing. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/event_watcher.hpp"
#include "http/route.hpp"

namespace callboard::events {

http::Routes subscription_routes(db::Database& database, const audience::Applications& applications,
                                 const EventWatcher& watcher, const Clock& clock);

}  // namespace callboard::events
