#pragma once

// Where LINE delivers its webhook: signed with the Messaging API channel's secret, kept before it
// is answered, worked off after. What is passed in outlives the routes.

#include <functional>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::identity {

// `kept`: called when there is something new; must not block.
http::Routes webhook_routes(db::Database& database, const audience::Applications& applications,
                            const audience::SecretBox& secrets, std::function<void()> kept,
                            const Clock& clock);

}  // namespace callboard::identity
