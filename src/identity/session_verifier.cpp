#include "identity/session_verifier.hpp"

#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"
#include "identity/session_token.hpp"

namespace callboard::identity {
namespace {

Error unauthenticated(const char* why) {
  return Error(ErrorCode::unauthenticated, why);
}

}  // namespace

std::string_view UnverifiedToken::app_id() const {
  const auto* claim = jws::text_claim(claims, "app");
  return claim == nullptr ? std::string_view() : std::string_view(*claim);
}

std::optional<UnverifiedToken> read_token(std::string_view text) {
  auto token = jws::parse(text);
  auto claims = token ? jws::claims_of(*token) : std::nullopt;
  if (!claims) return std::nullopt;
  return UnverifiedToken{text, std::move(*token), std::move(*claims)};
}

SessionVerifier::SessionVerifier(const Trust& trust, const Clock& clock, Metrics& metrics)
    : trust_(trust), memory_("session_tokens", max_session_bytes, trust, clock, metrics) {}

SessionVerifier::Verified SessionVerifier::verify(const UnverifiedToken& token,
                                                  std::shared_ptr<const AppKeys> keys,
                                                  std::uint64_t version, Timestamp now,
                                                  Stage stage) {
  const bool holds = signer_of(token.token, keys->session) != nullptr;
  const auto session = holds ? session_of(token.claims, now) : std::nullopt;
  if (!session) throw unauthenticated("jwt token is invalid");
  if (unix_seconds(now) >= session->expires_unix_s) throw unauthenticated("jwt token is expired");
  if (trust_.is_revoked_in_memory(session->family)) throw unauthenticated("jwt token is invalid");
  if (stage == Stage::memory) return nullptr;
  if (trust_.is_revoked_at_rest(session->app_id, session->family)) {
    throw unauthenticated("jwt token is invalid");
  }
  auto verified = std::make_shared<VerifiedToken>();
  verified->app_id = session->app_id;
  verified->user_id = session->user_id;
  verified->family = session->family;
  verified->expires_unix_s = session->expires_unix_s;
  verified->is_access = session->is_access;
  verified->sha256 = sha256_hex(token.text);
  verified->keys = std::move(keys);
  verified->checked = version;
  memory_.remember(token.text, verified);
  return verified;
}

}  // namespace callboard::identity
