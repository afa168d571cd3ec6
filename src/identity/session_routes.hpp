#pragma once

// Sessions over HTTP: a backend opens one for its user, a device opens an anonymous one where the
// application allows it, and a client carries its own on. What is passed in outlives the routes.

#include "audience/audience.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/sessions.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

http::Routes session_routes(db::Database& database, const audience::Applications& applications,
                            const Trust& trust, const Sessions& sessions);

}  // namespace callboard::identity
