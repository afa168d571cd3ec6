#pragma once

// What a reply to push or multicast means for whoever must send each message once: which replies
// prove that LINE took it, which prove that it did not, and which leave it open, so that the same
// bytes go out again under the same retry key. Pure, any thread.
// (https://developers.line.biz/en/docs/messaging-api/retrying-api-request/)

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/outgoing.hpp"
#include "line/call_failure.hpp"

namespace callboard::line {

namespace outcome {

// 200. LINE has it; whether a user gets it, nobody is told.
struct Accepted {
  std::string request_id;
};
// 409: an earlier attempt with this key was accepted.
struct AcceptedBefore {
  std::string request_id;  // of that attempt; empty: LINE did not say
};
// 4xx: refused for good, nobody got anything.
struct Rejected {
  int status = 0;
  std::string message;
  std::vector<FailureDetail> details;
  // Positions in a multicast's `to` that LINE named: without them the rest may pass.
  std::vector<std::size_t> recipients;
};
// Not taken now: the rate is too high. To be sent again, no sooner than that.
struct RetryLater {
  std::optional<std::chrono::seconds> after;
};
// Not taken, nor will anything else be this month.
struct MonthlyLimit {};
// The channel access token does not hold. Not taken.
struct Unauthorized {
  std::string message;
};
// 5xx, no answer, half an answer. `may_be_accepted`: false only where nothing was sent at all.
struct Retry {
  bool may_be_accepted = true;
  std::string reason;
};

}  // namespace outcome

using SendOutcome =
    std::variant<outcome::Accepted, outcome::AcceptedBefore, outcome::Rejected, outcome::RetryLater,
                 outcome::MonthlyLimit, outcome::Unauthorized, outcome::Retry>;

SendOutcome send_outcome_of(const http::OutgoingReply& reply);
// The same of a call that never came to be sent, for want of a channel access token.
SendOutcome without_token(const CallFailure& failure);
std::string_view name_of(const SendOutcome& outcome);  // "accepted_before"

}  // namespace callboard::line
