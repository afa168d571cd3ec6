#pragma once

// The audit log over HTTP, for those who run a workspace: to be read, and nothing else. What is
// passed in outlives the routes.

#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::audience {

http::Routes audit_routes(db::Database& database);

}  // namespace callboard::audience
