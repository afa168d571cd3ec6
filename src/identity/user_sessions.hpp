#pragma once

// What identity keeps of a user: sessions, refresh tokens and nonces. For showing and erasing all
// that is stored of somebody. Each function is one step of the caller's transaction.

#include <boost/json/fwd.hpp>
#include <string_view>

#include "db/database.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

inline constexpr std::size_t max_sessions_shown = 1000;

// {"sessions":[{"opened_at","refreshed_at","expires_at"}]}, the newest first; empty where there is
// none.
boost::json::object show_sessions(db::Transaction& transaction, std::string_view app_id,
                                  std::string_view user_id);

// Ends every session, so that neither session nor refresh tokens count any more, and deletes what
// was stored. False: there was nothing.
bool erase_sessions(db::Transaction& transaction, const Trust& trust, std::string_view app_id,
                    std::string_view user_id);

}  // namespace callboard::identity
