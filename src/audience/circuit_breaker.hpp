#pragma once

// Keeps us from calling who does not answer: after so many failures in a row no call is made for a
// pause, then one call tries, and its outcome decides. Owned by who makes the calls; any thread.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/clock.hpp"

namespace callboard::audience {

class CircuitBreaker {
 public:
  static constexpr int max_failures = 5;  // in a row
  static constexpr std::chrono::seconds pause{10};

  // Nothing: call, and tell how it went. Else how long no call is to be made.
  std::optional<std::chrono::nanoseconds> barred_for(MonotonicTime now);
  void succeeded();
  // True: this failure opened the circuit.
  bool failed(MonotonicTime now);

 private:
  std::mutex mutex_;  // guards the two below
  int failures_ = 0;  // in a row
  MonotonicTime next_trial_{};
};

}  // namespace callboard::audience
