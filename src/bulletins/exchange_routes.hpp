#pragma once

// A board as JSON lines: export and import. Owned by app/; any thread.

#include <functional>
#include <string>

#include "bulletins/board_write.hpp"
#include "bulletins/bulletin.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::bulletins {

// What `declared` gives for an application says which variables its conditions may name. All of it
// outlives the server.
http::Routes exchange_routes(db::Database& database, BoardWriter& writer,
                             std::function<IsDeclared(std::string)> declared);

}  // namespace callboard::bulletins
