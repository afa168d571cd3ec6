#include "reminders/attempt.hpp"

#include <algorithm>
#include <utility>

#include "reminders/delivery.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {
namespace {

constexpr std::string_view unauthorized = "unauthorized";

// Reads each outcome; what it proves decides.
struct Judge {
  const Attempt& attempt;
  Timestamp now;
  std::chrono::milliseconds pause;

  Verdict operator()(const line::outcome::Accepted& accepted) const {
    return verdict::Ended{delivery_state::accepted, {}, accepted.request_id};
  }
  Verdict operator()(const line::outcome::AcceptedBefore& accepted) const {
    return verdict::Ended{delivery_state::accepted, "accepted before", accepted.request_id};
  }
  Verdict operator()(const line::outcome::Rejected& rejected) const {
    // It says nothing of an earlier attempt that may have been accepted.
    if (attempt.was_in_doubt) return verdict::Ended{delivery_state::unknown, rejected.message, {}};
    if (rejected.recipients.empty()) {
      return verdict::Ended{delivery_state::rejected, rejected.message, {}};
    }
    return verdict::Refreeze{rejected.recipients, rejected.message};
  }
  Verdict operator()(const line::outcome::RetryLater& later) const {
    const auto wait =
        later.after ? std::max(pause, std::chrono::milliseconds(*later.after)) : pause;
    return again(wait, attempt.was_in_doubt, "too many requests");
  }
  Verdict operator()(const line::outcome::MonthlyLimit&) const {
    return verdict::Hold{reason::quota, quota_rest, "the monthly limit is reached"};
  }
  Verdict operator()(const line::outcome::Unauthorized& denied) const {
    return verdict::Hold{unauthorized, unauthorized_rest, denied.message};
  }
  Verdict operator()(const line::outcome::Retry& retry) const {
    return again(pause, attempt.was_in_doubt || retry.may_be_accepted, retry.reason);
  }

 private:
  Verdict again(std::chrono::milliseconds wait, bool in_doubt, std::string message) const {
    if (now + wait < attempt.end_before) {
      return verdict::Again{now + wait, in_doubt, std::move(message)};
    }
    return verdict::Ended{end_state(in_doubt), std::move(message), {}};
  }
};

}  // namespace

Verdict judge(const line::SendOutcome& outcome, const Attempt& attempt, Timestamp now,
              std::chrono::milliseconds pause) {
  return std::visit(Judge{attempt, now, pause}, outcome);
}

std::string_view end_state(bool in_doubt) {
  return in_doubt ? delivery_state::unknown : delivery_state::expired;
}

}  // namespace callboard::reminders
