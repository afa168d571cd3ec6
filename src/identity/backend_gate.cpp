#include "identity/backend_gate.hpp"

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "identity/server_token.hpp"

namespace callboard::identity {
namespace {

Error unauthenticated(const char* why) {
  return Error(ErrorCode::unauthenticated, why);
}

}  // namespace

BackendGate::BackendGate(const Trust& trust, const Clock& clock, Metrics& metrics)
    : trust_(trust),
      clock_(clock),
      tokens_("server_tokens", max_token_bytes, trust, clock, metrics) {}

bool BackendGate::admit(http::Request& request, Stage stage) {
  const std::string_view text = request.header(server_token_header).value_or("");
  if (text.empty()) throw unauthenticated("miss jwt token");
  const Timestamp now = clock_.now();
  auto caller = tokens_.find(text, now);
  if (!caller) caller = verify(text, now, stage);
  if (!caller) return false;
  request.caller.app_id = caller->app_id;
  request.caller.actor = caller->actor;
  request.caller.owner = std::move(caller);
  return true;
}

// Null: not in Stage::memory.
std::shared_ptr<const VerifiedToken> BackendGate::verify(std::string_view text, Timestamp now,
                                                         Stage stage) {
  const std::uint64_t version = trust_.version();
  const auto token = jws::parse(text);
  const auto unverified = token ? jws::claims_of(*token) : std::nullopt;
  const auto claims = unverified ? server_claims_of(*unverified, now) : std::nullopt;
  if (!claims || !audience::is_id(claims->app_id)) throw unauthenticated("jwt token is invalid");
  const bool in_memory = stage == Stage::memory;
  if (in_memory && token->algorithm != jws::Algorithm::hs256) return nullptr;
  auto keys = in_memory ? trust_.keys_in_memory(claims->app_id) : trust_.keys(claims->app_id);
  if (!keys) return nullptr;
  const AppKeys::TokenKey* signer = signer_of(*token, keys->server);
  if (signer == nullptr) throw unauthenticated("jwt token is invalid");
  if (unix_seconds(now) >= claims->expires_unix_s) throw unauthenticated("jwt token is expired");

  auto verified = std::make_shared<VerifiedToken>();
  verified->app_id = claims->app_id;
  verified->actor = "key:" + signer->key_id;
  verified->expires_unix_s = claims->expires_unix_s;
  verified->keys = std::move(keys);
  verified->checked = version;
  tokens_.remember(text, verified);
  return verified;
}

}  // namespace callboard::identity
