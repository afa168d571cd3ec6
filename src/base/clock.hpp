#pragma once

// Time as it is injected everywhere. `SystemClock` is the product's; `SimulatedClock` is the
// tests', which move it by hand instead of sleeping. All members may be called from any thread.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace callboard {

// What is stored and shown: UTC, to the millisecond.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
// What time-outs are measured with: never goes back.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual MonotonicTime monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  // `offset` shifts now(), for tests of a whole server (`--clock-offset`).
  explicit SystemClock(std::chrono::seconds offset = std::chrono::seconds{0}) : offset_(offset) {}
  Timestamp now() const override;
  MonotonicTime monotonic() const override;

 private:
  std::chrono::seconds offset_;
};

class SimulatedClock final : public Clock {
 public:
  explicit SimulatedClock(Timestamp start = Timestamp{std::chrono::seconds{1'700'000'000}});
  Timestamp now() const override;
  MonotonicTime monotonic() const override;
  void advance(std::chrono::milliseconds by);

 private:
  Timestamp start_;
  std::atomic<std::int64_t> elapsed_ms_{0};
};

inline std::int64_t unix_ms(Timestamp time) {
  return time.time_since_epoch().count();
}
// Whole seconds, rounded down.
std::int64_t unix_seconds(Timestamp time);
inline Timestamp timestamp_from_ms(std::int64_t ms) {
  return Timestamp{std::chrono::milliseconds{ms}};
}
// RFC 3339 in UTC with milliseconds: "2024-03-04T05:06:07.089Z".
std::string rfc3339(Timestamp time);

}  // namespace callboard
