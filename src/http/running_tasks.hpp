#pragma once

// Which of a server's tasks are running on the work pool, so that it can go only after them, and
// so that those still queued by then do nothing. Shared by the server and its tasks.

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace callboard::http {

class RunningTasks {
 public:
  // False: the server is gone.
  bool enter() {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    ++running_;
    return true;
  }

  void leave() {
    const std::lock_guard lock(mutex_);
    if (--running_ == 0) none_.notify_all();
  }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    none_.wait(lock, [this] { return running_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable none_;
  std::size_t running_ = 0;
  bool closed_ = false;
};

}  // namespace callboard::http
