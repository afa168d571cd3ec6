#pragma once

// LINE's limit of calls in a second, which holds in any second: a call may begin when fewer than
// so many began in the second before. Any thread.

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>

#include "base/clock.hpp"

namespace callboard::reminders {

class SendWindow {
 public:
  // A little longer than a second, since calls don't all take the same time to arrive.
  static constexpr std::chrono::milliseconds length{1'050};

  // Takes a place and returns zero or, where there is none, takes nothing and returns how long it
  // is until there is one.
  std::chrono::nanoseconds take(std::size_t limit, MonotonicTime now);
  // The place that was taken then is of a call that is made only now. False: it is over already.
  bool renew(MonotonicTime taken, MonotonicTime now);
  // None before that time: somebody else may have made calls until just now.
  void close_until(MonotonicTime time);

 private:
  std::mutex mutex_;
  std::deque<MonotonicTime> begun_;  // guarded by mutex_; within the window, in order
  MonotonicTime closed_until_{};     // guarded by mutex_
};

}  // namespace callboard::reminders
