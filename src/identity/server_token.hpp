#pragma once

// Server tokens, by which an application's backend identifies itself: a JWT with the application's
// server key, claims `iss` = app id, `aud` = "callboard", `exp` at most one hour ahead.
// Pure functions, any thread.

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "crypto/jws.hpp"

namespace callboard::identity {

inline constexpr std::string_view server_token_header = "X-BytePower-Auth-Token";
inline constexpr std::string_view server_token_audience = "callboard";
inline constexpr std::chrono::hours max_server_token_life{1};

struct ServerClaims {
  std::string app_id;
  std::int64_t expires_unix_s = 0;
};

// Nothing: a claim is missing, of the wrong type, for another audience, not valid yet, or valid for
// too long. Expired claims are claims.
std::optional<ServerClaims> server_claims_of(const boost::json::object& claims, Timestamp now);

std::string mint_server_token(const jws::Key& key, std::string_view app_id, Timestamp now,
                              std::chrono::seconds life, std::string_view key_id = {});

}  // namespace callboard::identity
