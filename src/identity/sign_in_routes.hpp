#pragma once

// How members come in, out, and by their passwords: sessions and one-time links. What is passed in
// outlives the routes.

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/own_address.hpp"
#include "identity/password.hpp"
#include "identity/sign_in.hpp"

namespace callboard::identity {

http::Routes sign_in_routes(db::Database& database, SignIn& sign_in, PasswordHasher& hasher,
                            const OwnAddress& own_address, const Clock& clock);

}  // namespace callboard::identity
