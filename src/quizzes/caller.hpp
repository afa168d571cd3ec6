#pragma once

// Who adds to a tally: a user, for themself and by one, or a back end or an operator, for anybody
// and by many. Pure; any thread.

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "quizzes/increment.hpp"

namespace callboard::quizzes {

inline constexpr std::string_view idempotency_header = "Idempotency-Key";

// As idempotency keys are kept.
std::string caller_of_user(std::string_view user_id);

inline bool is_user(const http::Caller& caller) {
  return !caller.user_id.empty();
}

// An increment by 1 of what the caller proved to be: application, user, caller and idempotency key
// are filled in. Throws Error{invalid} on a key that is no 1 to 255 printable ASCII characters.
Increment increment_by(const http::Request& request);

}  // namespace callboard::quizzes
