#include "audience/circuit_breaker.hpp"

namespace callboard::audience {

std::optional<std::chrono::nanoseconds> CircuitBreaker::barred_for(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (failures_ < max_failures) return std::nullopt;
  if (now < next_trial_) return next_trial_ - now;
  next_trial_ = now + pause;  // for everybody but this one
  return std::nullopt;
}

void CircuitBreaker::succeeded() {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
}

bool CircuitBreaker::failed(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (failures_ < max_failures) ++failures_;
  if (failures_ < max_failures) return false;
  next_trial_ = now + pause;
  return true;
}

}  // namespace callboard::audience
