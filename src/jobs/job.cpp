#include "jobs/job.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>

#include "base/utf8.hpp"

namespace callboard::jobs {
namespace {

namespace json = boost::json;

constexpr std::array states = {state::scheduled, state::available, state::running,
                               state::retryable, state::completed, state::discarded,
                               state::cancelled};
constexpr int most_doublings = 40;

}  // namespace

bool is_state(std::string_view text) {
  return std::ranges::find(states, text) != states.end();
}

bool is_finished(std::string_view text) {
  return text == state::completed || text == state::discarded || text == state::cancelled;
}

std::string with_error(std::string_view errors, std::int64_t attempt, std::string_view message,
                       Timestamp at) {
  boost::system::error_code failure;
  json::value parsed = json::parse(errors, failure);
  json::array kept = !failure && parsed.is_array() ? std::move(parsed.as_array()) : json::array{};
  while (kept.size() >= kept_errors) kept.erase(kept.begin());
  kept.push_back(
      {{"at", rfc3339(at)}, {"attempt", attempt}, {"message", cut_utf8(message, max_error_bytes)}});
  return json::serialize(kept);
}

std::chrono::milliseconds RetryPolicy::pause_after(std::int64_t attempt, double chance) const {
  const int doublings = static_cast<int>(std::clamp<std::int64_t>(attempt - 1, 0, most_doublings));
  const double full = std::min(std::ldexp(static_cast<double>(base.count()), doublings),
                               static_cast<double>(cap.count()));
  return std::chrono::milliseconds{std::llround(full * (1 - jitter * chance))};
}

}  // namespace callboard::jobs
