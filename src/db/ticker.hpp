#pragma once

// Calls a function on a thread of its own, again and again, with a real period in between (not the
// injected clock's: this is for polling the outside world). stop() is immediate, waits for a call
// in progress, and may be repeated. Owned by a database.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace callboard::db {

class Ticker {
 public:
  // `tick` must not throw.
  Ticker(std::chrono::milliseconds period, std::function<void()> tick);
  ~Ticker() { stop(); }

  void stop();

 private:
  void run(std::chrono::milliseconds period, const std::function<void()>& tick);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::once_flag joined_;
  std::thread thread_;
};

}  // namespace callboard::db
