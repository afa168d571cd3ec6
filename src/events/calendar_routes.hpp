#pragma once

// Events as iCalendar, for programs that subscribe to an address: an application's, and a user's
// own by a secret link that the user makes and revokes. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/schedules.hpp"
#include "http/route.hpp"
#include "identity/identity.hpp"

namespace callboard::events {

http::Routes calendar_routes(db::Database& database, const Schedules& schedules,
                             const audience::Applications& applications,
                             const identity::OwnAddress& own_address, const Clock& clock);

}  // namespace callboard::events
