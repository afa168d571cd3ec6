#pragma once

// An application's users over HTTP, for the console: who there are, what is stored of one or of
// all, changing attributes, and erasing somebody. What is passed in outlives the routes.
//
// The audit log outlives an erasure, so it names which attributes were written, never their values.

#include <boost/json/fwd.hpp>
#include <functional>
#include <string_view>

#include "audience/applications.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_users_listed = 100;  // of a page
inline constexpr std::size_t default_users_listed = 50;
inline constexpr std::size_t max_users_exported = 10'000;                // of a page
inline constexpr std::size_t max_exported_bytes = std::size_t{4} << 20;  // and one user more

// What others keep of a user: as steps of the caller's transaction.
struct KeptElsewhere {
  // For one user's export: its members are added to the user's.
  std::function<boost::json::object(db::Transaction&, std::string_view app_id,
                                    std::string_view user_id)>
      show;
  // False: there was nothing.
  std::function<bool(db::Transaction&, std::string_view app_id, std::string_view user_id)> erase;
};

http::Routes user_routes(db::Database& database, const Clock& clock,
                         const Applications& applications, KeptElsewhere elsewhere);

}  // namespace callboard::audience
