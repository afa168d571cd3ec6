#pragma once

// Who is signed in: a random secret in a cookie that only browsers see, and its SHA-256 here. A
// session ends when it is not used for a while, and after a week in any case.
//
// Each function is one step of the caller's transaction. Errors: those of db::Transaction.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace callboard::identity {

inline constexpr std::chrono::hours session_idle_life{12};
inline constexpr std::chrono::hours session_whole_life{24 * 7};
inline constexpr std::size_t max_sessions_of_member = 50;  // one more ends the oldest

struct MemberSession {
  std::string member_id;
  Timestamp last_used_at;
};

// Returns the secret, which can't be had again. Sessions that have ended are cleared away.
std::string start_session(db::Transaction& transaction, std::string_view member_id, Timestamp now);
std::optional<MemberSession> find_session(db::Transaction& transaction, std::string_view secret,
                                          Timestamp now);
void touch_session(db::Transaction& transaction, std::string_view secret, Timestamp now);
void end_session(db::Transaction& transaction, std::string_view secret);
void end_sessions_of(db::Transaction& transaction, std::string_view member_id);

// The secret that the request's cookie holds. Over https the cookie has the prefix `__Host-`, so
// that no neighbouring host can set it.
std::optional<std::string_view> session_cookie(const http::Request& request);
void set_session_cookie(http::Response& response, const http::Request& request,
                        std::string_view secret);
void clear_session_cookie(http::Response& response, const http::Request& request);

}  // namespace callboard::identity
