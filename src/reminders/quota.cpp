#include "reminders/quota.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace callboard::reminders {

std::optional<std::int64_t> QuotaBook::left(const std::string& channel_id,
                                            const line::Channel& channel) {
  const MonotonicTime now = clock_.monotonic();
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(channel_id);
    if (known != known_.end() && now < known->second.asked_at + memory) return known->second.left;
  }
  const auto quota = client_.quota(channel);
  if (!quota) {
    log::warning("line_quota_unknown", {{"channel", channel_id}, {"why", quota.error().message}});
    const std::lock_guard lock(mutex_);
    known_[channel_id] = {std::nullopt, now};
    return std::nullopt;
  }
  std::optional<std::int64_t> left;
  if (quota->limit) left = std::max<std::int64_t>(*quota->limit - quota->used, 0);
  const std::lock_guard lock(mutex_);
  known_[channel_id] = {left, now};
  return left;
}

void QuotaBook::spend(const std::string& channel_id, std::int64_t messages) {
  const std::lock_guard lock(mutex_);
  const auto known = known_.find(channel_id);
  if (known != known_.end() && known->second.left) *known->second.left -= messages;
}

}  // namespace callboard::reminders
