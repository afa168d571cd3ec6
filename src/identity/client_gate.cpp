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
  RequestSignature signature = {};                 // once it was judged
  std::optional<UnverifiedToken> unverified = {};  // one not seen before

  SignedContent content(std::string_view app_id, std::string_view token_sha256) const {
    return {app_id, http::name_of(request.method), request.target, token_sha256, request.body};
  }
};

ClientGate::ClientGate(db::Database& database, const Trust& trust, SessionVerifier& sessions,
                       const Clock& clock)
    : trust_(trust), clock_(clock), sessions_(sessions), replay_guard_(database, clock) {}

bool ClientGate::admit(const http::Route& route, http::Access access, http::Request& request,
                       Stage stage) {
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
  if (http::is_safe(route)) return true;
  if (stage == Stage::memory) return false;
  replay_guard_.spend(request.caller.app_id, request.caller.user_id, attempt.signature);
  return true;
}

// Null: not in Stage::memory.
ClientGate::Verified ClientGate::verify(Attempt& attempt) {
  const std::uint64_t version = trust_.version();
  attempt.unverified = read_token(attempt.token);
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
    if (attempt.token.empty()) throw unauthenticated("miss jwt token");
    if (!attempt.unverified) throw unauthenticated("jwt token is invalid");
    return sessions_.verify(*attempt.unverified, std::move(keys), version, attempt.now,
                            attempt.stage);
  }
  auto signer = std::make_shared<VerifiedToken>();
  signer->app_id = app_id;
  return signer;
}

}  // namespace callboard::identity
