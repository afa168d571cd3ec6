#pragma once

// Sends for operators: what was sent to whom and how it went, live while it goes, and what can be
// done about it. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::reminders {

http::Routes console_routes(db::Database& database, const audience::Applications& applications,
                            const Clock& clock);

}  // namespace callboard::reminders
