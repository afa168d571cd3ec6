#pragma once

// Judges session tokens: by an application's session key, their claims, and whether their session
// was revoked. One that was judged once is remembered.
//
// Owned by the Gate; any thread. In Stage::memory it never blocks.

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/metrics.hpp"
#include "crypto/jws.hpp"
#include "identity/token_memory.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

// Where the gate is asked: on an I/O thread it may not block, and answers "not from memory".
enum class Stage { memory, work };

// What a token says before anybody has verified it.
struct UnverifiedToken {
  std::string_view text;
  jws::Token token;
  boost::json::object claims;

  std::string_view app_id() const;  // empty: it names none
};
std::optional<UnverifiedToken> read_token(std::string_view text);

class SessionVerifier {
 public:
  using Verified = std::shared_ptr<const VerifiedToken>;
  static constexpr std::size_t max_session_bytes = std::size_t{64} << 20;  // about 60,000 sessions

  SessionVerifier(const Trust& trust, const Clock& clock, Metrics& metrics);

  // Null: not verified yet.
  Verified find(std::string_view token, Timestamp now) { return memory_.find(token, now); }
  // `keys` are those of the application that the token names, read at `version` of the Trust or
  // later. Null, only in Stage::memory: ask again on the work path. Throws Error{unauthenticated}.
  Verified verify(const UnverifiedToken& token, std::shared_ptr<const AppKeys> keys,
                  std::uint64_t version, Timestamp now, Stage stage);

 private:
  const Trust& trust_;
  TokenMemory memory_;
};

}  // namespace callboard::identity
