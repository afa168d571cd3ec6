#include "reminders/send_window.hpp"

#include <algorithm>

namespace callboard::reminders {

std::chrono::nanoseconds SendWindow::take(std::size_t limit, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (now < closed_until_) return closed_until_ - now;
  while (!begun_.empty() && begun_.front() + length <= now) begun_.pop_front();
  if (begun_.size() >= limit) {
    // Until enough of the oldest have left it, also where the limit was lowered.
    return begun_[begun_.size() - limit] + length - now;
  }
  begun_.insert(std::ranges::upper_bound(begun_, now), now);
  return std::chrono::nanoseconds{0};
}

bool SendWindow::renew(MonotonicTime taken, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (now < closed_until_ || taken + length <= now) return false;
  const auto place = std::ranges::find(begun_, taken);
  if (place == begun_.end()) return false;
  begun_.erase(place);
  begun_.insert(std::ranges::upper_bound(begun_, now), now);
  return true;
}

void SendWindow::close_until(MonotonicTime time) {
  const std::lock_guard lock(mutex_);
  if (time > closed_until_) closed_until_ = time;
}

}  // namespace callboard::reminders
