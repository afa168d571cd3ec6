#pragma once

// Users' attributes over HTTP, for app clients (their own) and app backends (anybody's). What is
// passed in outlives the routes.

#include "audience/applications.hpp"
#include "audience/users.hpp"
#include "http/route.hpp"

namespace callboard::audience {

http::Routes user_info_routes(const Applications& applications, Users& users);

}  // namespace callboard::audience
