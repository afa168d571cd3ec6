#pragma once

// A bounded pool of threads for work that may block (SQL, password hashing, outgoing calls).
// Owned by app/. submit() may be called from any thread; it never blocks and never queues without
// bound: a full queue is an answer of 503.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/metrics.hpp"

namespace callboard::http {

class WorkPool {
 public:
  // `name`: of the metric's label.
  WorkPool(std::size_t threads, std::size_t max_queued, Metrics& metrics,
           std::string name = "requests");
  ~WorkPool();  // runs what is queued, then joins
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // False: the queue is full, or the pool is stopping. `task` must not throw.
  [[nodiscard]] bool submit(std::function<void()> task);
  // Runs what is queued, or drops it unless it has begun, then joins; idempotent.
  enum class Queued { run, drop };
  void stop(Queued queued = Queued::run);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callboard::http
