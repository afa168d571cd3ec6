#pragma once

// People as LINE knows them: name and picture, and whether they have blocked the official account.
// Each function is one step of the caller's transaction.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::identity {

inline constexpr std::size_t max_profile_text_bytes = 2048;  // of a name or a picture's URL

struct LineProfile {
  std::string user_id;
  std::string name;  // empty: not known, as with the picture
  std::string picture_url;
};

// Texts that are too long are cut, and control characters left out.
void save_profile(db::Transaction& transaction, std::string_view app_id, const LineProfile& profile,
                  Timestamp now);
// What LINE said at that time; what it said later stands.
void set_blocked(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
                 bool is_blocked, Timestamp said_at, Timestamp now);

// For a user's export; empty: there is none. And for their erasure; false: there was none.
boost::json::object show_line_account(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view user_id);
bool erase_line_account(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id);

}  // namespace callboard::identity
