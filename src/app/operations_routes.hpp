#pragma once

// What the people and programs that watch the server call: /healthz, /readyz, /metrics, and a page
// at / that says where one is. Owned by app/; any thread.

#include "base/metrics.hpp"
#include "bulletins/bulletins.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::app {

// Everything passed in must outlive the server.
http::Routes operations_routes(db::Database& database, const bulletins::Boards& boards,
                               const Metrics& metrics);

}  // namespace callboard::app
