#pragma once

// Group commit for increments: while one transaction is on its way, those that come meanwhile
// gather and are the next one. So a commit is shared by as many as come during a commit, and each
// type's tally is written once for all of them. Durable before the answer.
//
// Owned by app/; any thread; never blocks. `database` outlives it and is stopped before it goes.

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "quizzes/increment.hpp"

namespace callboard::quizzes {

inline constexpr std::size_t max_waiting_increments = 10'000;
inline constexpr std::size_t max_batched_increments = 500;

class TallyWriter {
 public:
  // Called once, on a database thread or within add(): must not block.
  using Done = std::function<void(Outcome)>;

  TallyWriter(db::Database& database, const Clock& clock, Metrics& metrics);

  // Besides what count_all() may say: Error{unavailable} where too many wait or the transaction
  // failed; where that leaves open whether it happened, an idempotency key finds out.
  void add(Increment increment, Done done);

 private:
  struct Waiting {
    Increment increment;
    Done done;
    bool alone = false;  // shares its transaction with nobody
  };
  struct Batch;

  std::shared_ptr<Batch> next_batch_locked();
  void write(std::shared_ptr<Batch> batch);
  void finish(Batch& batch, const std::exception_ptr& failure);
  bool retry_each_alone(Batch& batch, const std::exception_ptr& failure);
  void answer(Batch& batch, const std::exception_ptr& failure);

  db::Database& database_;
  const Clock& clock_;
  Counter& counted_;
  Counter& batches_;
  Counter& refused_;
  std::mutex mutex_;
  std::deque<Waiting> waiting_;  // guarded by mutex_; at most max_waiting_increments
  bool is_writing_ = false;      // guarded by mutex_
};

}  // namespace callboard::quizzes
