#pragma once

// Why a call to LINE brought no answer of use, with LINE's own words for the operator. Values and
// pure functions, any thread. Nothing here is secret: what LINE says repeats no token.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "base/error.hpp"
#include "http/outgoing.hpp"

namespace callboard::line {

inline constexpr std::size_t max_failure_text_bytes = 1000;  // of LINE's words, kept
inline constexpr std::size_t max_failure_details = 100;

// One culprit in what was sent, as LINE names it: property "messages[0].altText", "to[3]".
struct FailureDetail {
  std::string property;
  std::string message;
  bool operator==(const FailureDetail&) const = default;
};

struct CallFailure {
  enum class Kind : std::uint8_t {
    not_sent,      // nothing left this server: refused by its own policy, no address, unreachable
    unanswered,    // sent, perhaps; the answer never came whole
    unauthorized,  // the token or the secret is wrong or has expired
    rejected,      // any other 4xx: to be tried again would be of no use
    not_found,
    rate_limited,
    monthly_limit,
    server_error,
    malformed,  // answered well, but not with what LINE promises
  };
  Kind kind = Kind::malformed;
  int status = 0;            // 0: no answer
  std::string message = {};  // for operators
  std::vector<FailureDetail> details = {};
  std::optional<std::chrono::seconds> retry_after = {};
  std::string request_id = {};  // LINE's name for the request, for its support
};
std::string_view name_of(CallFailure::Kind kind);  // "rate_limited"

template <class T>
using Called = tl::expected<T, CallFailure>;

// Nothing where the reply is a 2xx.
std::optional<CallFailure> failure_of(const http::OutgoingReply& reply);
CallFailure malformed(const http::OutgoingReply& reply, std::string_view what);
// The JSON object of a 2xx reply.
Called<boost::json::object> object_in(const http::OutgoingReply& reply);

// For whoever can't do without the answer: `unavailable`, `too_many` or `unprocessable`.
Error error_of(const CallFailure& failure);

}  // namespace callboard::line
