#pragma once

// Jobs as values: what is to be done, in which state it is, and when it is tried again. Pure; any
// thread.
//
//   scheduled ──▶ available ──▶ running ──▶ completed, discarded, cancelled: the history
//                     ▲            │
//                     └─ retryable ◀┘  it failed
//
// What was running when its worker died is available again. A job may run more than once, so what
// it does must bear that; fencing (JobContext::hold) keeps a worker that was given up from writing.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace callboard::jobs {

inline constexpr std::size_t max_payload_bytes = std::size_t{64} << 10;
inline constexpr std::size_t max_unique_key_bytes = 512;
inline constexpr std::size_t kept_errors = 5;
inline constexpr std::size_t max_error_bytes = 1024;
inline constexpr std::int64_t max_priority = 100;  // and no less than its negative
// For what must be done however often its worker dies.
inline constexpr std::int64_t no_last_attempt = 1'000'000;

namespace state {
inline constexpr std::string_view scheduled = "scheduled", available = "available",
                                  running = "running", retryable = "retryable",
                                  completed = "completed", discarded = "discarded",
                                  cancelled = "cancelled";
}  // namespace state
// Of those seven.
bool is_state(std::string_view text);
bool is_finished(std::string_view text);

// Which kind of work, and the queue that operators see it in. A constant of whoever does it.
struct JobKind {
  std::string_view name;   // "reminders.fan_out"
  std::string_view queue;  // "reminders"
};

struct NewJob {
  JobKind kind;
  std::string_view app_id = {};          // empty: the server's own
  std::string_view payload = "{}";       // JSON
  std::optional<Timestamp> run_at = {};  // nothing: now
  std::int64_t priority = 0;             // higher goes first
  std::int64_t max_attempts = 25;
  // Where a job of this key waits already, that one is done, no later than this one would be; where
  // it runs, it runs once more. Empty: none.
  std::string_view unique_key = {};
};

// A job that a worker has taken.
struct Job {
  std::int64_t id = 0;
  std::string app_id, kind, payload;
  std::int64_t priority = 0;
  Timestamp run_at;
  std::int64_t attempt = 0;  // from 1
  Timestamp started_at;      // tells this run from every other
  std::int64_t max_attempts = 0;
  std::string errors;  // JSON, see with_error()
};

// The JSON array of a job's last errors, with one more: {"at","attempt","message"}.
std::string with_error(std::string_view errors, std::int64_t attempt, std::string_view message,
                       Timestamp at);

// How long after a failed attempt the next one comes: `base`, doubled each time up to `cap`, and
// less by a random part of `jitter`.
struct RetryPolicy {
  std::chrono::milliseconds base{5'000};
  std::chrono::milliseconds cap{3'600'000};
  double jitter = 0.2;  // 0 to 1
  // `attempt`: the one that failed, from 1. `chance`: 0 to 1.
  std::chrono::milliseconds pause_after(std::int64_t attempt, double chance) const;
};

}  // namespace callboard::jobs
