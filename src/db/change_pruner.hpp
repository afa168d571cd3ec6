#pragma once

// Keeps the change log short: what is older than a while goes, in steps that other writes come
// between. Owned by a database, which looks at it whenever it looks at the log; any thread.

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::db {

class ChangePruner {
 public:
  // The log is kept this long; old changes go this often, in steps of so many.
  static constexpr std::chrono::minutes changes_kept{10};
  static constexpr std::chrono::seconds period{30};
  static constexpr std::int64_t step = 1'000;

  ChangePruner(Database& database, const Clock& clock)
      : database_(database), clock_(clock), next_ms_(unix_ms(clock.now())) {}

  void prune_when_due();

 private:
  void prune(std::int64_t before_ms);

  Database& database_;
  const Clock& clock_;
  std::atomic<std::int64_t> next_ms_;
};

}  // namespace callboard::db
