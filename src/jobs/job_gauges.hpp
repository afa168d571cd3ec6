#pragma once

// How many jobs wait, by state, for /metrics. Counting asks the database, which a metric must not
// do: so whoever is about to show the figures refreshes them first, on a thread that may block.
// Owned by app/; any thread.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "jobs/job_overview.hpp"

namespace callboard::jobs {

class JobGauges {
 public:
  // They are counted anew at most so often.
  static constexpr std::chrono::seconds period{5};

  JobGauges(db::Database& database, const Clock& clock, Metrics& metrics);

  // Blocks on the database, unless somebody else counts just now. Where that fails, the figures
  // stay as they were.
  void refresh();

 private:
  using Counts = std::array<std::atomic<std::int64_t>, waiting_states.size()>;

  db::Database& database_;
  const Clock& clock_;
  // Shared with the gauges, which may be read after this has gone.
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  std::mutex mutex_;
  MonotonicTime next_{};  // guarded by mutex_
};

}  // namespace callboard::jobs
