#pragma once

// Applications over HTTP, for the console: the list, and a new one. What is passed in outlives the
// routes.

#include <functional>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::audience {

// Called in the transaction that creates an application, for what else one has from the start.
using OnCreated = std::function<void(db::Transaction&, std::string_view app_id)>;

http::Routes application_routes(db::Database& database, const Clock& clock, OnCreated on_created);

}  // namespace callboard::audience
