#pragma once

// What is kept of a user who was sent something. Steps of the caller's transaction.

#include <boost/json/fwd.hpp>
#include <string_view>

#include "db/database.hpp"

namespace callboard::reminders {

inline constexpr std::int64_t max_sends_shown = 1'000;  // of one user, the latest

// For a user's export: {"sends":[{"kind","subject","due_at","outcome"}]}; empty: there are none.
boost::json::object show_sends(db::Transaction& transaction, std::string_view app_id,
                               std::string_view user_id);
// For their erasure. A page that is frozen with them may still go out. False: there was nothing.
bool erase_sends(db::Transaction& transaction, std::string_view app_id, std::string_view user_id);

}  // namespace callboard::reminders
