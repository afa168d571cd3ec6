#include "identity/server_token.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace callboard::identity {
namespace {

namespace json = boost::json;

bool is_audience(const json::value& value) {
  return value.is_string() && value.get_string() == server_token_audience;
}

// RFC 7519 §4.1.3: one audience, or an array of them.
bool is_for_us(const json::object& claims) {
  const json::value* audience = claims.if_contains("aud");
  if (audience == nullptr) return false;
  const json::array* several = audience->if_array();
  return several != nullptr ? std::ranges::any_of(*several, is_audience) : is_audience(*audience);
}

}  // namespace

std::optional<ServerClaims> server_claims_of(const json::object& claims, Timestamp now) {
  const json::string* app_id = jws::text_claim(claims, "iss");
  const auto expires = jws::time_claim(claims, "exp");
  if (app_id == nullptr || !expires || !is_for_us(claims) || !jws::has_begun(claims, now) ||
      *expires > unix_seconds(now + max_server_token_life)) {
    return std::nullopt;
  }
  return ServerClaims{std::string(*app_id), *expires};
}

std::string mint_server_token(const jws::Key& key, std::string_view app_id, Timestamp now,
                              std::chrono::seconds life, std::string_view key_id) {
  const json::object claims{{"iss", app_id},
                            {"aud", server_token_audience},
                            {"iat", unix_seconds(now)},
                            {"exp", unix_seconds(now + life)}};
  return jws::sign(key, json::serialize(claims), key_id);
}

}  // namespace callboard::identity
