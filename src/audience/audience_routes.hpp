#pragma once

// The HTTP routes of this folder: user info for clients and backends; variables, settings and
// applications for the console. Everything passed in outlives the routes.

#include <functional>
#include <string_view>

#include "audience/applications.hpp"
#include "audience/data_providers.hpp"
#include "audience/users.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::audience {

struct AudienceServices {
  db::Database& database;
  const Clock& clock;
  const Applications& applications;
  Users& users;
  const DataProviders& providers;
  // Called in the transaction that creates an application, for what else it needs from the start.
  std::function<void(db::Transaction&, std::string_view app_id)> on_created;
};

http::Routes audience_routes(AudienceServices services);

}  // namespace callboard::audience
