#pragma once

// Session tokens: JWT HS256 with an application's session key; claims `app`, `sub` (user id),
// `iat`, `exp`, `jti`, `fam` (the family: one session through all its refreshes) and `typ`:
// "session", which counts with a signature only, or "access", which counts by itself, as a bearer's
// or in a cookie, and with a signature too. Pure values and functions, any thread.

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/app_keys.hpp"

namespace callboard::identity {

inline constexpr std::string_view session_token_header = "X-BytePower-Session-Token";

struct Session {
  std::string app_id;
  std::string user_id;
  std::string family;
  std::int64_t issued_unix_s = 0;
  std::int64_t expires_unix_s = 0;
  bool is_access = false;
};

std::string mint_session_token(const AppKeys::TokenKey& key, const Session& session);

// The session that these claims describe, whoever made them. Nothing: a claim is missing, of the
// wrong type, or not valid yet. An expired session is one.
std::optional<Session> session_of(const boost::json::object& claims, Timestamp now);

}  // namespace callboard::identity
