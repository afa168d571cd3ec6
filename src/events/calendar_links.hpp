#pragma once

// Secret addresses of users' calendars, at rest: whoever knows one may read what that user is
// subscribed to, and nothing else. Only a hash is stored. Each function is one step of the caller's
// transaction.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::events {

// Returns the token, which is shown once; the user's earlier one counts no more.
std::string issue_calendar_link(db::Transaction& transaction, std::string_view app_id,
                                std::string_view user_id, Timestamp now);
// False: there was none.
bool revoke_calendar_link(db::Transaction& transaction, std::string_view app_id,
                          std::string_view user_id);

// Whether it has a token's shape: what has not is nobody's, and the database need not be asked.
bool is_calendar_token(std::string_view text);

struct CalendarOwner {
  std::string app_id, user_id;
};
std::optional<CalendarOwner> owner_of_calendar(db::Transaction& transaction,
                                               std::string_view token);

}  // namespace callboard::events
