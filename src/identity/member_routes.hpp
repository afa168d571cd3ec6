#pragma once

// The members of a workspace and the invitations to it. Nobody gives a role above their own, and
// nobody changes who has one. What is passed in outlives the routes.

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/own_address.hpp"

namespace callboard::identity {

http::Routes member_routes(db::Database& database, const OwnAddress& own_address,
                           const Clock& clock);

}  // namespace callboard::identity
