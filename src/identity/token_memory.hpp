#pragma once

// Tokens that were verified, by their bytes, until they expire or what they rest on changes: a
// request with a token seen before costs a look-up instead of base64, JSON and a MAC.
//
// Bounded in bytes; owned by the gate; any thread, never blocks.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "cache/cache.hpp"
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
  // Trust's version at which all of this was known to hold.
  mutable std::atomic<std::uint64_t> checked{0};
};

class TokenMemory {
 public:
  TokenMemory(std::string name, std::size_t max_bytes, const Trust& trust, const Clock& clock,
              Metrics& metrics);

  // Null: verify it.
  std::shared_ptr<const VerifiedToken> find(std::string_view token, Timestamp now);
  void remember(std::string_view token, std::shared_ptr<const VerifiedToken> verified);

 private:
  const Trust& trust_;
  cache::Cache<VerifiedToken> cache_;
};

}  // namespace callboard::identity
