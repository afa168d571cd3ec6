#pragma once

// The writes that wait for whoever writes. Bounded: one more is refused at once. Owned by the
// writer of a database; any thread.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/metrics.hpp"
#include "db/write_job.hpp"

namespace callboard::db {

class WriteQueue {
 public:
  WriteQueue(std::size_t most, Metrics& metrics, Counter& refused);

  // Never blocks. One that does not fit, or comes after stop(), is answered before this returns.
  void push(WriteJob job);
  // The next one; waits for it. Nothing: stopped, and all have been taken.
  std::optional<WriteJob> wait_and_take();
  // The next one, or nothing when there is none now.
  std::optional<WriteJob> take();
  std::vector<WriteJob> take_all();
  // Those that wait can still be taken.
  void stop();

 private:
  std::optional<WriteJob> take_locked();

  const std::size_t most_;
  Counter& refused_;
  // Shared with the gauge, which may outlive this.
  const std::shared_ptr<std::atomic<std::size_t>> waiting_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<WriteJob> jobs_;  // at most most_
  bool is_stopped_ = false;
};

}  // namespace callboard::db
