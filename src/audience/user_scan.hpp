#pragma once

// Going through all stored users of an application, in the order of their ids, from either end.
// Each call is one step of the caller's transaction, so that nobody need hold one for the whole
// way.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audience/attribute_picker.hpp"
#include "audience/data_providers.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::audience {

// As stored; the views are valid during the callback that receives it.
struct StoredUser {
  std::string_view user_id;
  std::string_view attributes;  // JSON
  Timestamp registered_at;
};

enum class Direction { ascending, descending };

// Above and below all user ids, which are printable ASCII.
inline constexpr std::string_view before_all_users = "";
inline constexpr std::string_view after_all_users = "\x7f";

// At most `limit` users strictly between the two ids, beginning at the end that `direction` says.
void scan_users(db::Transaction& transaction, std::string_view app_id, std::string_view above,
                std::string_view below, Direction direction, std::int64_t limit,
                const std::function<void(const StoredUser&)>& each);

// The variables of a condition, for one stored user after another. Those that only a request or
// another server could tell are missing. Used by one thread.
class StoredVariables {
 public:
  StoredVariables(const DataProviders& providers, std::string_view app_id,
                  const std::vector<std::string>& names, Timestamp now);

  // By the place of the name; null: missing. Valid until the next call.
  std::span<const conditions::Value* const> of(const StoredUser& user);

 private:
  enum class Source : std::uint8_t { missing, user_id, registered_at, now, attribute };
  static Source source_of(std::string_view name, std::string_view provider);

  std::vector<Source> sources_;
  AttributePicker picker_;
  bool needs_attributes_ = false;
  conditions::Value user_id_;
  conditions::Value registered_at_;
  conditions::Value now_;
  std::vector<const conditions::Value*> values_;
};

}  // namespace callboard::audience
