#pragma once

// What follows from one attempt to send a delivery: the rules that keep a message from being lost
// or sent twice, as a pure function. Any thread.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "line/send_outcome.hpp"

namespace callboard::reminders {

// LINE remembers a retry key for 24 hours from the first attempt
// (https://developers.line.biz/en/docs/messaging-api/retrying-api-request/); an hour is left for
// what is under way and for clocks that differ.
inline constexpr std::chrono::hours retry_key_use{23};
// After an attempt that failed; doubled each time.
inline constexpr std::chrono::milliseconds first_retry_pause{1'000}, longest_retry_pause{300'000};
// How long a channel rests that LINE takes nothing from, before it is tried again.
inline constexpr std::chrono::minutes quota_rest{10}, unauthorized_rest{1};

// A delivery that an attempt was made at.
struct Attempt {
  std::int64_t number = 1;    // from 1
  bool was_in_doubt = false;  // an earlier one may have been accepted
  Timestamp end_before;       // no further one from then on
};

namespace verdict {
// It has ended. `state`: accepted, rejected, unknown or expired.
struct Ended {
  std::string_view state;
  std::string message;
  std::string request_id;
};
// The same bytes again under the same key.
struct Again {
  Timestamp at;
  bool in_doubt = true;
  std::string message;
};
// LINE took nothing and named whom it does not accept: the others go out under a new key.
struct Refreeze {
  std::vector<std::size_t> rejected;  // places in `to`
  std::string message;
};
// Not taken, and nothing of this channel will be for now.
struct Hold {
  std::string_view reason;
  std::chrono::milliseconds rest;
  std::string message;
};
}  // namespace verdict
using Verdict = std::variant<verdict::Ended, verdict::Again, verdict::Refreeze, verdict::Hold>;

// `pause`: until the next attempt, where the outcome says nothing of it.
Verdict judge(const line::SendOutcome& outcome, const Attempt& attempt, Timestamp now,
              std::chrono::milliseconds pause);
// How a delivery ends that is not tried any more.
std::string_view end_state(bool in_doubt);

}  // namespace callboard::reminders
