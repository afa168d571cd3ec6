#include "base/clock.hpp"

#include <fmt/chrono.h>

namespace callboard {

using namespace std::chrono;

Timestamp SystemClock::now() const {
  return time_point_cast<milliseconds>(system_clock::now()) + offset_;
}

MonotonicTime SystemClock::monotonic() const {
  return steady_clock::now();
}

SimulatedClock::SimulatedClock(Timestamp start) : start_(start) {}

Timestamp SimulatedClock::now() const {
  return start_ + milliseconds{elapsed_ms_.load()};
}

MonotonicTime SimulatedClock::monotonic() const {
  return MonotonicTime{milliseconds{elapsed_ms_.load()}};
}

void SimulatedClock::advance(milliseconds by) {
  elapsed_ms_ += by.count();
}

std::int64_t unix_seconds(Timestamp time) {
  return floor<seconds>(time).time_since_epoch().count();
}

std::string rfc3339(Timestamp time) {
  const auto whole = floor<seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(whole), (time - whole).count());
}

}  // namespace callboard
