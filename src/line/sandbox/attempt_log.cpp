#include "line/sandbox/attempt_log.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/random.hpp"
#include "crypto/sha256.hpp"
#include "line/sandbox/options.hpp"

namespace callboard::line::sandbox {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  append_json_string(out, text);
}

}  // namespace

std::uint64_t AttemptLog::begin(std::string_view endpoint, const http::Request& request,
                                Timestamp now) {
  Attempt attempt{.number = 0,
                  .at = now,
                  .endpoint = std::string(endpoint),
                  .retry_key = std::string(request.header("X-Line-Retry-Key").value_or("")),
                  .body_sha256 = std::string(view(sha256_hex(request.body))),
                  .fault = {}};
  const std::lock_guard lock(mutex_);
  attempt.number = next_number_++;
  attempts_.push_back(std::move(attempt));
  while (attempts_.size() > max_attempts) attempts_.pop_front();
  return attempts_.back().number;
}

void AttemptLog::answered(std::uint64_t number, std::string_view fault, int status, int seen) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::lower_bound(attempts_, number, {}, &Attempt::number);
  if (found == attempts_.end() || found->number != number) return;
  found->fault = fault;
  found->status = status;
  found->seen = seen;
  found->is_answered = true;
}

std::string AttemptLog::shown(std::uint64_t after) const {
  const std::lock_guard lock(mutex_);
  std::string out = "{\"attempts\":[";
  bool is_first = true;
  for (const Attempt& attempt : attempts_) {
    if (attempt.number <= after) continue;
    if (out.size() > max_shown_bytes) return out + "],\"more\":true}";
    if (!is_first) out += ',';
    is_first = false;
    out += "{\"number\":" + std::to_string(attempt.number);
    out += ",\"at_ms\":" + std::to_string(unix_ms(attempt.at));
    append_member(out, "endpoint", attempt.endpoint);
    append_member(out, "retry_key", attempt.retry_key);
    append_member(out, "body_sha256", attempt.body_sha256);
    append_member(out, "fault", attempt.fault);
    out += ",\"status\":" + std::to_string(attempt.status);
    out += ",\"seen\":" + std::to_string(attempt.seen);
    out += attempt.is_answered ? "}" : ",\"under_way\":true}";
  }
  return out + "]}";
}

void AttemptLog::clear() {
  const std::lock_guard lock(mutex_);
  attempts_.clear();
}

}  // namespace callboard::line::sandbox
