#pragma once

// Which attributes an application's users have, whether or not anything declares them: a look at
// some users, for a list to choose from, and no census. One step of the caller's transaction.

#include <cstddef>
#include <string_view>
#include <vector>

#include "audience/variable.hpp"
#include "db/database.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_users_looked_at = 500;  // from each end of the order of ids

// By name; "any" where their values are of several types.
std::vector<Variable> seen_attributes(db::Transaction& transaction, std::string_view app_id);

}  // namespace callboard::audience
