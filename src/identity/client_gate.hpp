#pragma once

// Admits an app's clients: the request's signature first, then, where the route asks for a user,
// the session token. Both are judged against the keys of one application, which the token names or,
// without a token, X-App-ID.
//
// Owned by the Gate; any thread. On the hot path (a token seen before, a read) it costs one
// look-up and one HMAC and allocates nothing.

#include <memory>
#include <string_view>

#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/replay_guard.hpp"
#include "identity/session_verifier.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

inline constexpr std::string_view app_id_header = "X-App-ID";

class ClientGate {
 public:
  ClientGate(db::Database& database, const Trust& trust, SessionVerifier& sessions,
             const Clock& clock);

  // `access` is client or signed_client, whatever else the route allows. False, only in
  // Stage::memory: ask again on the work path; who asks is filled in already where it is known and
  // all that remains is to spend the nonce.
  bool admit(const http::Route& route, http::Access access, http::Request& request, Stage stage);

 private:
  struct Attempt;
  using Verified = std::shared_ptr<const VerifiedToken>;

  Verified verify(Attempt& attempt);

  const Trust& trust_;
  const Clock& clock_;
  SessionVerifier& sessions_;
  ReplayGuard replay_guard_;
};

}  // namespace callboard::identity
