#pragma once

// Users at rest. Each function is one step of the caller's transaction. Writes create the user
// where there is none, announce the change ("attributes", the user id) and return the user as it
// then is. Errors: those of db::Transaction, and Error{invalid} at `pointer` where the attributes
// get too many or too large.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/user.hpp"
#include "db/database.hpp"

namespace callboard::audience {

// Announced for a user who was erased: whoever keeps anything of one forgets it.
inline constexpr std::string_view erasure_change = "erasure";

std::optional<User> find_user(db::Transaction& transaction, std::string_view app_id,
                              std::string_view user_id);

// A user as stored.
struct UserRecord {
  std::string user_id;
  std::string attributes;  // JSON
  std::int64_t version;
  Timestamp registered_at;
  Timestamp updated_at;
};
std::optional<UserRecord> find_record(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view user_id);

// At most `limit` users whose ids begin with `prefix` and come after `after`, in the order of ids.
struct UserPage {
  std::string prefix;  // empty: any
  std::string after;   // empty: from the first
  std::int64_t limit;
};
void list_users(db::Transaction& transaction, std::string_view app_id, const UserPage& page,
                const std::function<void(const UserRecord&)>& each);

// Announces ("attributes" and "erasure"), also where there is no such user: something else of them
// may be gone. False: there was none.
bool erase_user(db::Transaction& transaction, std::string_view app_id, std::string_view user_id);

// The user has `attributes` and no others, but for those of the `kept` names that are stored.
User replace_attributes(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id, const boost::json::object& attributes,
                        const std::vector<std::string>& kept, Timestamp now);

// A null removes.
User merge_attributes(db::Transaction& transaction, std::string_view app_id,
                      std::string_view user_id, const boost::json::object& changes,
                      const std::string& pointer, Timestamp now);

}  // namespace callboard::audience
