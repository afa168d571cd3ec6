#include "identity/session_token.hpp"

#include <boost/json.hpp>

#include "audience/audience.hpp"
#include "base/random.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;

constexpr std::string_view session_type = "session";
constexpr std::string_view access_type = "access";
constexpr std::size_t token_id_entropy_bytes = 12;

}  // namespace

std::string mint_session_token(const AppKeys::TokenKey& key, const Session& session) {
  const json::object claims{{"app", session.app_id},
                            {"sub", session.user_id},
                            {"iat", session.issued_unix_s},
                            {"exp", session.expires_unix_s},
                            {"jti", random_token(token_id_entropy_bytes)},
                            {"fam", session.family},
                            {"typ", session.is_access ? access_type : session_type}};
  return jws::sign(key.key, json::serialize(claims));
}

std::optional<Session> session_of(const json::object& claims, Timestamp now) {
  const json::string* type = jws::text_claim(claims, "typ");
  const json::string* app_id = jws::text_claim(claims, "app");
  const json::string* user_id = jws::text_claim(claims, "sub");
  const json::string* family = jws::text_claim(claims, "fam");
  const auto issued = jws::time_claim(claims, "iat");
  const auto expires = jws::time_claim(claims, "exp");
  if (type == nullptr || (*type != session_type && *type != access_type) || app_id == nullptr ||
      user_id == nullptr || !audience::is_user_id(*user_id) || family == nullptr ||
      family->empty() || !issued || !expires || jws::text_claim(claims, "jti") == nullptr) {
    return std::nullopt;
  }
  if (!jws::has_begun(claims, now)) return std::nullopt;
  return Session{
      std::string(*app_id), std::string(*user_id), std::string(*family), *issued, *expires,
      *type == access_type};
}

}  // namespace callboard::identity
