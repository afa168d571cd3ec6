#pragma once

// The jobs of one kind that this node has taken: those that wait for a thread, and how many run.
// Owned by Workers; any thread.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.hpp"
#include "jobs/claims.hpp"
#include "jobs/kind_metrics.hpp"
#include "jobs/work.hpp"

namespace callboard::jobs {

struct TakenJob {
  Job job;
  WorkerId worker = 0;
};

class KindQueue {
 public:
  KindQueue(Work work, Metrics& metrics) : work_(std::move(work)), metrics_(metrics, work_.kind) {}

  const Work& work() const { return work_; }
  const KindMetrics& metrics() const { return metrics_; }
  // How many more may be taken now.
  std::size_t room(MonotonicTime now);
  void push(std::vector<TakenJob> jobs, MonotonicTime now);
  // Waits for one, which then runs. Nothing: closed.
  std::optional<TakenJob> wait_and_take();
  // One, which then runs, if there is one.
  std::optional<TakenJob> take();
  // It runs no more. True: half of what may wait is gone, so that it is time for more.
  bool is_done();
  // Nobody waits any more, and what was not begun is forgotten; open() undoes it.
  void close();
  void open();

 private:
  std::optional<TakenJob> take_locked();

  const Work work_;
  const KindMetrics metrics_;
  TokenBuckets begun_{64};  // one bucket
  std::mutex mutex_;        // guards what follows
  std::condition_variable arrived_;
  std::deque<TakenJob> waiting_;
  std::size_t running_ = 0;
  bool is_closed_ = false;
};

}  // namespace callboard::jobs
