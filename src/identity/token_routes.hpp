#pragma once

// A workspace's API tokens. None gives more than its maker has. What is passed in outlives the
// routes.

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::identity {

http::Routes token_routes(db::Database& database, const Clock& clock);

}  // namespace callboard::identity
