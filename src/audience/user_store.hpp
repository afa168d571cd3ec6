#pragma once

// Users at rest. Each function is one step of the caller's transaction. Writes create the user
// where there is none, announce the change ("attributes", the user id) and return the user as it
// then is. Errors: those of db::Transaction, and Error{invalid} at `pointer` where the attributes
// get too many or too large.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/user.hpp"
#include "db/database.hpp"

namespace callboard::audience {

std::optional<User> find_user(db::Transaction& transaction, std::string_view app_id,
                              std::string_view user_id);

// The user has `attributes` and no others, but for those of the `kept` names that are stored.
User replace_attributes(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id, const boost::json::object& attributes,
                        const std::vector<std::string>& kept, Timestamp now);

// A null removes.
User merge_attributes(db::Transaction& transaction, std::string_view app_id,
                      std::string_view user_id, const boost::json::object& changes,
                      const std::string& pointer, Timestamp now);

}  // namespace callboard::audience
