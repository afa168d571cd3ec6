#include "quizzes/caller.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace callboard::quizzes {
namespace {

std::string idempotency_key_of(const http::Request& request) {
  const auto key = request.header(idempotency_header);
  if (!key) return "";
  const bool is_printable = std::ranges::all_of(*key, [](char c) { return c >= ' ' && c <= '~'; });
  if (is_printable && !key->empty() && key->size() <= max_idempotency_key_bytes) {
    return std::string(*key);
  }
  throw Error(ErrorCode::invalid, "Idempotency-Key must be 1 to 255 printable ASCII characters");
}

}  // namespace

std::string caller_of_user(std::string_view user_id) {
  return "user:" + std::string(user_id);
}

Increment increment_by(const http::Request& request) {
  const http::Caller& caller = request.caller;
  Increment increment;
  increment.app_id = caller.app_id;
  increment.user_id = caller.user_id;
  increment.caller = is_user(caller) ? caller_of_user(caller.user_id) : std::string(caller.actor);
  increment.idempotency_key = idempotency_key_of(request);
  return increment;
}

}  // namespace callboard::quizzes
