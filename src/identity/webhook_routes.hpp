#pragma once

// Where LINE delivers its webhook: signed with the Messaging API channel's secret, kept before it
// is answered, worked off after by a job. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::identity {

http::Routes webhook_routes(db::Database& database, const audience::Applications& applications,
                            const audience::SecretBox& secrets, const Clock& clock);

}  // namespace callboard::identity
