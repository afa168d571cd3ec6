#pragma once

// What SQLite's result codes mean to the project. Only for db/sqlite/.

#include <sqlite3.h>

#include <string_view>

#include "base/error.hpp"

namespace callboard::db::sqlite {

// conflict for unique and foreign keys; unavailable for what may pass (busy, disk, memory); else
// internal. `doing` and SQLite's own message go into the private detail. `handle` may be null.
Error error_of(sqlite3* handle, int code, std::string_view doing);

}  // namespace callboard::db::sqlite
