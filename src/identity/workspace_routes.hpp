#pragma once

// Who I am, and the workspaces I work in. What is passed in outlives the routes.

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::identity {

http::Routes workspace_routes(db::Database& database, const Clock& clock);

}  // namespace callboard::identity
