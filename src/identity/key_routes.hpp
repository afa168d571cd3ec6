#pragma once

// An application's keys, for the console. What is passed in outlives the routes.

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/key_store.hpp"

namespace callboard::identity {

http::Routes key_routes(db::Database& database, const KeyStore& keys, const Clock& clock);

}  // namespace callboard::identity
