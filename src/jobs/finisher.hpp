#pragma once

// Writes down how jobs ended: while one transaction is on its way, those that end meanwhile gather
// and are the next one, so that a commit is shared by as many as end during a commit. Where a
// transaction fails it is tried again until it succeeds: the jobs are the worker's till then.
//
// Owned by Workers; any thread; never blocks but in drain().

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/claims.hpp"

namespace callboard::jobs {

// How one job ended.
struct Ended {
  WorkerId worker = 0;
  std::int64_t job_id = 0;
  // Nothing: it is completed.
  std::function<void(db::Transaction&)> otherwise = nullptr;
};

class Finisher {
 public:
  static constexpr std::size_t max_batch = 1'000;

  // `written` is called after each commit that left something to be done (a job that runs again).
  Finisher(db::Database& database, const Clock& clock, std::function<void()> written);

  void add(Ended ended);
  // After a failure: what waits is tried again. True: it is still to be written.
  bool retry();
  // Waits until nothing is on its way. What failed to be written stays, for others to free.
  void drain();

 private:
  using Batch = std::vector<Ended>;

  void begin_locked(std::unique_lock<std::mutex> lock);
  void write(db::Transaction& transaction, const Batch& batch) const;
  void finish(const std::shared_ptr<Batch>& batch, const std::exception_ptr& failure);

  db::Database& database_;
  const Clock& clock_;
  const std::function<void()> written_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable idle_;
  Batch waiting_;
  bool is_writing_ = false;
  bool has_failed_ = false;  // the last batch, which may have been written all the same
};

}  // namespace callboard::jobs
