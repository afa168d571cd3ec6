#pragma once

// What a verified token rests on: the keys of its application, and that its session was not
// revoked. Both are kept in memory and follow the database's change log; version() grows whenever
// either may have changed, so that a token once verified is looked at again only then.
//
// Owned by app/; any thread. keys() and is_revoked_at_rest() block, the others don't.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "identity/app_keys.hpp"

namespace callboard::identity {

// A session token lives this long; so a revocation need not be remembered longer.
inline constexpr std::chrono::hours session_life{24};

class Trust {
 public:
  // Revoked families that are remembered. One more, and everything verified before is verified
  // anew, against the database.
  static constexpr std::size_t max_revoked = 100'000;
  static constexpr std::size_t max_key_bytes = std::size_t{8} << 20;
  // For how long it is remembered that an application has no keys; a key's creation ends it sooner.
  static constexpr std::chrono::seconds no_keys_life{30};

  Trust(db::Database& database, const KeyStore& store, const Clock& clock, Metrics& metrics);
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;

  // Read it before whatever you are going to rely on.
  std::uint64_t version() const;

  // Null: not in memory.
  std::shared_ptr<const AppKeys> keys_in_memory(std::string_view app_id) const;
  std::shared_ptr<const AppKeys> keys(std::string_view app_id) const;

  // Whether what held at version `since` holds still. False is "verify anew", not "refuse".
  bool still_holds(std::string_view app_id, const AppKeys* keys, std::string_view family,
                   std::uint64_t since) const;

  // Families that were revoked while this program ran, as far as they are remembered.
  bool is_revoked_in_memory(std::string_view family) const;
  bool is_revoked_at_rest(std::string_view app_id, std::string_view family) const;
  // One step of the caller's transaction.
  void revoke(db::Transaction& transaction, std::string_view app_id, std::string_view family) const;

 private:
  struct Memory;

  db::Database& database_;
  const KeyStore& store_;
  const Clock& clock_;
  std::shared_ptr<Memory> memory_;  // shared with the subscription, which may outlive this
};

}  // namespace callboard::identity
