#pragma once

// Tokens that were verified, by their bytes, until they expire or what they rest on changes: a
// request with a token seen before costs a look-up instead of base64, JSON and a MAC.
//
// Bounded in bytes; owned by the gate; any thread, never blocks. Each thread keeps copies of those
// it sees most, so that a look-up shares nothing with another thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/per_thread.hpp"
#include "cache/cache.hpp"
#include "cache/near_table.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

struct VerifiedToken {
  std::string app_id;
  std::string user_id;  // empty: a backend's
  std::string actor;    // for the audit log; empty: a user's
  std::string family;   // of a session
  std::int64_t expires_unix_s = 0;
  HexDigest sha256{};  // of the token's text
  std::shared_ptr<const AppKeys> keys;
  std::uint64_t checked = 0;  // Trust's version when it was verified
  bool is_access = false;     // of a session: it counts without a signature
};

class TokenMemory {
 public:
  static constexpr std::size_t max_near_tokens = 8192;       // of a thread
  static constexpr std::size_t max_near_token_bytes = 1024;  // longer ones are never near

  TokenMemory(std::string name, std::size_t max_bytes, const Trust& trust, const Clock& clock,
              Metrics& metrics);

  // Null: verify it.
  std::shared_ptr<const VerifiedToken> find(std::string_view token, Timestamp now);
  void remember(std::string_view token, std::shared_ptr<const VerifiedToken> verified);

 private:
  // What one thread keeps.
  struct Near {
    std::string token;
    std::shared_ptr<const VerifiedToken> verified;  // a copy of its own
    std::uint64_t checked = 0;                      // as in VerifiedToken, but kept up to date
  };
  using NearTokens = cache::NearTable<Near>;

  bool holds(const VerifiedToken& verified, std::uint64_t checked, std::uint64_t version,
             Timestamp now) const;

  const Trust& trust_;
  cache::Cache<VerifiedToken> cache_;
  PerThread<NearTokens> near_;
};

}  // namespace callboard::identity
