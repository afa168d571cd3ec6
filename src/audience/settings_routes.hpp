#pragma once

// An application's settings over HTTP, for the console: all of them, the http providers among them,
// and the variables that conditions may name, of which attributes can be declared one by one. What
// is passed in outlives the routes.

#include <functional>

#include "audience/applications.hpp"
#include "audience/data_providers.hpp"
#include "audience/provider_settings.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::audience {

// What must follow from changed settings, in the transaction that changes them.
using SettingsChanged =
    std::function<void(db::Transaction&, const Application& before, const AppSettings& after)>;

http::Routes settings_routes(db::Database& database, const Clock& clock,
                             const Applications& applications, const DataProviders& providers,
                             const SecretBox& secrets, SettingsChanged changed);

}  // namespace callboard::audience
