#pragma once

// Admits an app's clients: the request's signature first, then, where the route asks for a user,
// the session token. Both are judged against the keys of one application, which the token names or,
// without a token, X-App-ID.
//
// Owned by the Gate; any thread. On the hot path (a token seen before, GET or HEAD) it costs one
// look-up and one HMAC and allocates nothing.

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/metrics.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "identity/replay_guard.hpp"
#include "identity/token_memory.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

inline constexpr std::string_view app_id_header = "X-App-ID";

// Where the gate is asked: on an I/O thread it may not block, and answers "not from memory".
enum class Stage { memory, work };

class ClientGate {
 public:
  static constexpr std::size_t max_session_bytes = std::size_t{64} << 20;  // about 60,000 sessions

  ClientGate(db::Database& database, const Trust& trust, const Clock& clock, Metrics& metrics);

  // `access` is client or signed_client. False, only in Stage::memory: ask again on the work path;
  // who asks is filled in already where it is known and all that remains is to spend the nonce.
  bool admit(http::Access access, http::Request& request, Stage stage);

 private:
  struct Attempt;
  using Verified = std::shared_ptr<const VerifiedToken>;

  Verified verify(Attempt& attempt);
  Verified verify_session(const Attempt& attempt, std::shared_ptr<const AppKeys> keys,
                          std::uint64_t version);

  const Trust& trust_;
  const Clock& clock_;
  TokenMemory sessions_;
  ReplayGuard replay_guard_;
};

}  // namespace callboard::identity
