#include "line/shared_token.hpp"

#include <algorithm>

namespace callboard::line {
namespace {

// Another secret is another channel, as far as tokens go.
std::string key_of(const Channel& channel) {
  std::string key = channel.api_base_url;
  for (const std::string* part :
       {&channel.channel_id, &channel.messaging_channel_id, &channel.messaging_channel_secret}) {
    key.append("\n").append(*part);
  }
  return key;
}

}  // namespace

// An entry that somebody waits for is held by them, and may go from the table all the same.
void SharedTokens::make_room() {
  if (entries_.size() < max_channels) return;
  const auto first = std::ranges::min_element(
      entries_, {}, [](const auto& entry) { return entry.second->expires; });
  entries_.erase(first);
}

// Whoever waits must be told, whatever happens.
Called<StatelessToken> SharedTokens::bought(const Channel& channel) const {
  try {
    return buy_(channel);
  } catch (const std::exception& error) {
    return tl::unexpected(CallFailure{CallFailure::Kind::not_sent, 0, error.what()});
  }
}

Called<std::string> SharedTokens::take(const Channel& channel) {
  const std::string key = key_of(channel);
  std::unique_lock lock(mutex_);
  const auto known = entries_.find(key);
  if (known == entries_.end()) make_room();
  const auto entry =
      known != entries_.end() ? known->second : (entries_[key] = std::make_shared<Entry>());
  if (clock_.monotonic() + spare_life < entry->expires) return entry->access_token;
  if (entry->is_being_bought) {
    const std::uint64_t before = entry->purchases;
    bought_.wait(lock, [&] { return entry->purchases != before; });
    return entry->last;
  }
  entry->is_being_bought = true;
  lock.unlock();
  const MonotonicTime asked = clock_.monotonic();
  Called<StatelessToken> token = bought(channel);
  lock.lock();
  entry->is_being_bought = false;
  ++entry->purchases;
  bought_.notify_all();
  if (!token) {
    entry->last = tl::unexpected(std::move(token.error()));
  } else {
    entry->access_token = token->access_token;
    entry->expires = asked + token->expires_in;
    entry->last = token->access_token;
  }
  return entry->last;
}

void SharedTokens::forget(const Channel& channel, std::string_view access_token) {
  const std::lock_guard lock(mutex_);
  const auto known = entries_.find(key_of(channel));
  if (known != entries_.end() && known->second->access_token == access_token) {
    known->second->expires = MonotonicTime::min();
  }
}

}  // namespace callboard::line
