#pragma once

// A bulletin's history, and back to one of its revisions. Owned by app/; any thread.

#include "bulletins/board_write.hpp"
#include "bulletins/served_counts.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::bulletins {

// All of them outlive the server.
http::Routes history_routes(db::Database& database, BoardWriter& writer,
                            const ServedCounts& counts);

}  // namespace callboard::bulletins
