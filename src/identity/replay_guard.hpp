#pragma once

// A signed write is accepted once. What this node has accepted is remembered in memory, and in the
// database for after a restart.
//
// Where this node alone writes, spend() looks up the record and queues it without waiting: such a
// database commits writes in the order in which they were queued, and the request's own write is
// queued later, so whatever of it survives a crash, its nonce survives too. Where other nodes write
// too, spend() waits for the commit: of nodes that record the same nonce, one succeeds.
// Owned by the gate; any thread; spend() blocks.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/request_signature.hpp"

namespace callboard::identity {

class ReplayGuard {
 public:
  // About 25 MB; at the signatures' window, 800 writes a second without end.
  static constexpr std::size_t default_max_remembered = 500'000;

  ReplayGuard(db::Database& database, const Clock& clock,
              std::size_t max_remembered = default_max_remembered)
      : database_(database), clock_(clock), max_remembered_(max_remembered) {}

  // `signature` holds for that user (empty: nobody in particular) and is within its window. Throws
  // Error: bad_signature ("nonce replayed"), unavailable where no more can be remembered.
  void spend(std::string_view app_id, std::string_view user_id, const RequestSignature& signature);

 private:
  using Fingerprint = std::string;  // 15 bytes: what the object holds without allocating
  static constexpr std::chrono::seconds bucket_span{60};

  void remember(Fingerprint fingerprint, std::int64_t unix_s);
  void spend_alone(std::string_view app_id, std::string_view user_id,
                   const RequestSignature& signature);
  void spend_among_nodes(std::string_view app_id, std::string_view user_id,
                         const RequestSignature& signature);
  bool is_recorded(std::string_view app_id, std::string_view user_id,
                   const RequestSignature& signature);

  db::Database& database_;
  const Clock& clock_;
  const std::size_t max_remembered_;
  std::mutex mutex_;  // guards the two below
  // By the minute that the signature names; a minute goes when no signature of it is accepted.
  std::map<std::int64_t, std::unordered_set<Fingerprint>> buckets_;
  std::size_t remembered_ = 0;
};

}  // namespace callboard::identity
