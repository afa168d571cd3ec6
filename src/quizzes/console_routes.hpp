#pragma once

// Quizzes for the console: list, make, change, delete, their types, and starting from 0 again. What
// is passed in outlives the routes.

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::quizzes {

http::Routes console_routes(db::Database& database, const Clock& clock);

}  // namespace callboard::quizzes
