#include "identity/client_gate.hpp"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "identity/session_token.hpp"

namespace callboard::identity {
namespace {

Error bad_signature(const char* why) {
  return Error(ErrorCode::bad_signature, why);
}

Error unauthenticated(const char* why) {
  return Error(ErrorCode::unauthenticated, why);
}

bool is_read(http::Method method) {
  return method == http::Method::get || method == http::Method::head;
}

// Both keys of a rotation are tried. Throws Error{bad_signature}.
RequestSignature judge(std::string_view header, const AppKeys& keys, const SignedContent& content,
                       Timestamp now) {
  const auto signature = parse_signature(header);
  if (!signature) throw bad_signature("signature is malformed");
  if (!is_within_window(*signature, now)) throw bad_signature("signature expired");
  for (const AppKeys::ClientKey& key : keys.client) {
    const Digest mac = signature_mac(key.hmac, signature->time, signature->nonce, content);
    if (equal_in_constant_time(view(mac), view(signature->mac))) return *signature;
  }
  throw bad_signature("signature mismatch");
}

// What a token says before anybody has verified it.
struct Unverified {
  jws::Token token;
  boost::json::object claims;

  std::string_view app_id() const {
    const auto* text = jws::text_claim(claims, "app");
    return text == nullptr ? std::string_view() : std::string_view(*text);
  }
};

std::optional<Unverified> read(std::string_view text) {
  auto token = jws::parse(text);
  auto claims = token ? jws::claims_of(*token) : std::nullopt;
  if (!claims) return std::nullopt;
  return Unverified{std::move(*token), std::move(*claims)};
}

// Of a request that the rest of the gate can't judge: it names no application.
Error without_application(http::Access access, std::string_view token) {
  if (access == http::Access::signed_client) return Error(ErrorCode::invalid, "app_id is empty");
  return unauthenticated(token.empty() ? "miss jwt token" : "jwt token is invalid");
}

}  // namespace

struct ClientGate::Attempt {
  http::Access access;
  const http::Request& request;
  Stage stage;
  Timestamp now;
  std::string_view header;
  std::string_view token;
  RequestSignature signature = {};            // once it was judged
  std::optional<Unverified> unverified = {};  // of a token not seen before

  SignedContent content(std::string_view app_id, std::string_view token_sha256) const {
    return {app_id, http::name_of(request.method), request.target, token_sha256, request.body};
  }
};

ClientGate::ClientGate(db::Database& database, const Trust& trust, const Clock& clock,
                       Metrics& metrics)
    : trust_(trust),
      clock_(clock),
      sessions_("session_tokens", max_session_bytes, trust, clock, metrics),
      replay_guard_(database, clock) {}

bool ClientGate::admit(http::Access access, http::Request& request, Stage stage) {
  Attempt attempt{access,
                  request,
                  stage,
                  clock_.now(),
                  request.header(signature_header).value_or(""),
                  request.header(session_token_header).value_or("")};
  if (attempt.header.empty()) throw bad_signature("signature is empty");
  Verified caller;
  // A route for anybody who signs knows no user, whether or not the token is known here.
  if (access == http::Access::client) caller = sessions_.find(attempt.token, attempt.now);
  if (caller) {
    attempt.signature = judge(attempt.header, *caller->keys,
                              attempt.content(caller->app_id, view(caller->sha256)), attempt.now);
  } else if (caller = verify(attempt); !caller) {
    return false;
  }
  request.caller.app_id = caller->app_id;
  request.caller.user_id = caller->user_id;
  if (access == http::Access::client) {
    request.caller.session = caller->family;
    request.caller.expires = Timestamp{std::chrono::seconds{caller->expires_unix_s}};
  }
  request.caller.owner = std::move(caller);
  if (is_read(request.method)) return true;
  if (stage == Stage::memory) return false;
  replay_guard_.spend(request.caller.app_id, request.caller.user_id, attempt.signature);
  return true;
}

// Null: not in Stage::memory.
ClientGate::Verified ClientGate::verify(Attempt& attempt) {
  const std::uint64_t version = trust_.version();
  attempt.unverified = read(attempt.token);
  std::string_view app_id = attempt.unverified ? attempt.unverified->app_id() : "";
  if (app_id.empty()) app_id = attempt.request.header(app_id_header).value_or("");
  if (app_id.empty()) throw without_application(attempt.access, attempt.token);
  if (!audience::is_id(app_id)) throw bad_signature("signature mismatch");
  auto keys = attempt.stage == Stage::memory ? trust_.keys_in_memory(app_id) : trust_.keys(app_id);
  if (!keys) return nullptr;

  const HexDigest digest = sha256_hex(attempt.token);
  attempt.signature =
      judge(attempt.header, *keys, attempt.content(app_id, view(digest)), attempt.now);
  if (attempt.access == http::Access::client) {
    return verify_session(attempt, std::move(keys), version);
  }
  auto signer = std::make_shared<VerifiedToken>();
  signer->app_id = app_id;
  return signer;
}

ClientGate::Verified ClientGate::verify_session(const Attempt& attempt,
                                                std::shared_ptr<const AppKeys> keys,
                                                std::uint64_t version) {
  if (attempt.token.empty()) throw unauthenticated("miss jwt token");
  const auto& unverified = attempt.unverified;
  const bool holds = unverified && signer_of(unverified->token, keys->session) != nullptr;
  const auto session = holds ? session_of(unverified->claims, attempt.now) : std::nullopt;
  if (!session) throw unauthenticated("jwt token is invalid");
  if (unix_seconds(attempt.now) >= session->expires_unix_s) {
    throw unauthenticated("jwt token is expired");
  }
  if (trust_.is_revoked_in_memory(session->family)) throw unauthenticated("jwt token is invalid");
  if (attempt.stage == Stage::memory) return nullptr;
  if (trust_.is_revoked_at_rest(session->app_id, session->family)) {
    throw unauthenticated("jwt token is invalid");
  }
  auto verified = std::make_shared<VerifiedToken>();
  verified->app_id = session->app_id;
  verified->user_id = session->user_id;
  verified->family = session->family;
  verified->expires_unix_s = session->expires_unix_s;
  verified->sha256 = sha256_hex(attempt.token);
  verified->keys = std::move(keys);
  verified->checked = version;
  sessions_.remember(attempt.token, verified);
  return verified;
}

}  // namespace callboard::identity
