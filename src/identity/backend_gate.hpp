#pragma once

// Admits an app's backend by its server token. Owned by the Gate; any thread. A new token of
// another algorithm than HS256 is verified on the work path, because RSA and ECDSA take up to a
// tenth of a millisecond.

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/metrics.hpp"
#include "http/request.hpp"
#include "identity/client_gate.hpp"
#include "identity/token_memory.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {

class BackendGate {
 public:
  static constexpr std::size_t max_token_bytes = std::size_t{8} << 20;

  BackendGate(const Trust& trust, const Clock& clock, Metrics& metrics);

  // False, only in Stage::memory: ask again on the work path.
  bool admit(http::Request& request, Stage stage);

 private:
  std::shared_ptr<const VerifiedToken> verify(std::string_view text, Timestamp now, Stage stage);

  const Trust& trust_;
  const Clock& clock_;
  TokenMemory tokens_;
};

}  // namespace callboard::identity
