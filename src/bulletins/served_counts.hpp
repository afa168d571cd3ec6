#pragma once

// How often each bulletin has been served, roughly: counted in memory, written to the database
// every few seconds in one transaction. A process that is killed forgets what it had not written.
// Owned by Boards; counting is lock-free, the rest takes a mutex that no reader of boards takes;
// any thread.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metrics.hpp"
#include "db/database.hpp"
#include "db/ticker.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t max_served_rows = 10'000;  // of one transaction; the others come next
inline constexpr std::chrono::seconds served_flush_period{5};

// Many counters side by side for each slot of threads, so that counting what one answer holds
// touches few cache lines.
struct ServedTally {
  static constexpr std::size_t counters = 64;
  struct alignas(64) Slot {
    std::array<std::atomic<std::uint64_t>, counters> counts{};
  };
  std::array<Slot, metrics_detail::slots> slots;
};

class ServedCounter {
 public:
  ServedCounter(std::shared_ptr<ServedTally> tally, std::size_t place)
      : tally_(std::move(tally)), place_(place) {}
  void add(std::uint64_t amount = 1) const {
    tally_->slots[metrics_detail::this_slot()].counts[place_].fetch_add(amount,
                                                                        std::memory_order_relaxed);
  }
  std::uint64_t total() const;

 private:
  std::shared_ptr<ServedTally> tally_;
  std::size_t place_;
};

class ServedCounts {
 public:
  // The bulletin's counter, the same for as long as anybody has it.
  std::shared_ptr<const ServedCounter> counter_of(std::string_view app_id,
                                                  std::int64_t bulletin_id);
  // What is counted here and not yet in the database.
  std::uint64_t unwritten(std::string_view app_id, std::int64_t bulletin_id) const;

  // Adds what was counted since to the database; waits for it. Throws what the write throws, and
  // nothing is forgotten.
  void write_to(db::Database& database);

 private:
  struct Entry {
    std::shared_ptr<const ServedCounter> counter;
    std::uint64_t written = 0;
  };
  struct Addition {
    std::string app_id;
    std::int64_t bulletin_id;
    std::uint64_t amount;
  };
  std::vector<Addition> additions();
  void mark_written(const std::vector<Addition>& additions);

  std::shared_ptr<const ServedCounter> new_counter();

  mutable std::mutex mutex_;
  std::shared_ptr<ServedTally> tally_;          // guarded by mutex_; the last one
  std::size_t places_ = ServedTally::counters;  // guarded by mutex_; of tally_, that are given out
  std::map<std::pair<std::string, std::int64_t>, Entry> entries_;  // guarded by mutex_
};

// Writes the counts again and again, and once more when it ends. Both outlive it.
class ServedWriter {
 public:
  ServedWriter(db::Database& database, ServedCounts& counts);
  ~ServedWriter();
  ServedWriter(const ServedWriter&) = delete;
  ServedWriter& operator=(const ServedWriter&) = delete;

 private:
  void write() noexcept;

  db::Database& database_;
  ServedCounts& counts_;
  db::Ticker ticker_;
};

// What the database has.
std::int64_t stored_served(db::Transaction& transaction, std::string_view app_id,
                           std::int64_t bulletin_id);

}  // namespace callboard::bulletins
