#pragma once

// Group commit for increments: while one transaction is on its way, those of the same application
// that come meanwhile gather and are the next one. So a commit is shared by as many as come during
// a commit, and each type's tally is written once for all of them. Durable before the answer. No
// application waits for another's quizzes.
//
// Owned by app/; any thread; never blocks. `database` outlives it and is stopped before it goes.

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "quizzes/increment.hpp"

namespace callboard::quizzes {

inline constexpr std::size_t max_waiting_increments = 10'000;  // of all applications
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
  };
  struct Batch;
  using Queues = std::map<std::string, std::deque<Waiting>>;

  std::shared_ptr<Batch> next_batch_locked(Queues::iterator queue);
  void write(std::shared_ptr<Batch> batch);
  void finish(const std::shared_ptr<Batch>& batch, const std::exception_ptr& failure);
  void answer(Batch& batch, const std::exception_ptr& failure);

  db::Database& database_;
  const Clock& clock_;
  Counter& counted_;
  Counter& batches_;
  Counter& refused_;
  std::mutex mutex_;
  Queues queues_;            // guarded by mutex_; by application, while one has a batch on its way
  std::size_t waiting_ = 0;  // guarded by mutex_; in all queues, at most max_waiting_increments
};

}  // namespace callboard::quizzes
