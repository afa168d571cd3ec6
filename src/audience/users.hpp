#pragma once

// The users of all apps: the most recent ones in memory, all of them in the database. Follows the
// changes of kind "attributes": when a write's completion is called, the next read on this node
// sees what was written. Reading creates nothing.
//
// Owned by app/; any thread; `database`, `clock` and `metrics` outlive it.

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audience/user.hpp"
#include "base/metrics.hpp"
#include "cache/cache.hpp"
#include "db/database.hpp"

namespace callboard::audience {

inline constexpr std::size_t default_user_cache_bytes = std::size_t{64} << 20;
inline constexpr std::size_t max_users_at_once = 1000;  // of one bulk write

struct UserChanges {
  std::string user_id;
  boost::json::object changes;  // checked; a null removes
};

class Users {
 public:
  // Exactly one of the two is there. Called once, on a database thread: must not block.
  using Done = std::function<void(std::exception_ptr, std::shared_ptr<const User>)>;

  Users(db::Database& database, const Clock& clock, Metrics& metrics,
        std::size_t cache_bytes = default_user_cache_bytes);

  // On the I/O thread. Null: not in memory, load() is needed.
  std::shared_ptr<const User> cached(std::string_view app_id, std::string_view user_id) const;
  // Blocks where it is not in memory. Never null.
  std::shared_ptr<const User> load(std::string_view app_id, std::string_view user_id) const;
  // A number that grows whenever that user may have changed (other users share it). Whoever keeps
  // what follows from a user reads it before the user, and compares it later.
  std::uint64_t generation(std::string_view app_id, std::string_view user_id) const;

  // Queued; none of these blocks. Attributes and changes were checked (checked_attributes).
  void replace(std::string app_id, std::string user_id, boost::json::object attributes,
               std::vector<std::string> kept, Done done);
  void merge(std::string app_id, std::string user_id, boost::json::object changes, Done done);
  // All or nothing. An error's pointer begins with the place in `users`: "/17/attributes".
  void merge_all(std::string app_id, std::vector<UserChanges> users, db::Completion done);

 private:
  using Change = std::function<User(db::Transaction&, Timestamp)>;
  void write(Change change, Done done);

  struct Memory;
  // Shared with the subscription to the database, which may outlive this.
  std::shared_ptr<Memory> memory_;
  db::Database& database_;
  const Clock& clock_;
};

}  // namespace callboard::audience
