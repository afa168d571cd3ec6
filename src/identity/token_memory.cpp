#include "identity/token_memory.hpp"

#include <utility>

namespace callboard::identity {

TokenMemory::TokenMemory(std::string name, std::size_t max_bytes, const Trust& trust,
                         const Clock& clock, Metrics& metrics)
    : trust_(trust),
      cache_({.name = std::move(name), .max_bytes = max_bytes, .lifetime = {}}, clock, metrics) {}

std::shared_ptr<const VerifiedToken> TokenMemory::find(std::string_view token, Timestamp now) {
  auto verified = cache_.find(cache::Key(token));
  if (!verified || unix_seconds(now) >= verified->expires_unix_s) return nullptr;
  const std::uint64_t version = trust_.version();
  const std::uint64_t checked = verified->checked.load(std::memory_order_acquire);
  if (checked == version) return verified;
  if (!trust_.still_holds(verified->app_id, verified->keys.get(), verified->family, checked)) {
    return nullptr;
  }
  verified->checked.store(version, std::memory_order_release);
  return verified;
}

void TokenMemory::remember(std::string_view token, std::shared_ptr<const VerifiedToken> verified) {
  const std::size_t bytes = sizeof(VerifiedToken) + verified->app_id.capacity() +
                            verified->user_id.capacity() + verified->actor.capacity() +
                            verified->family.capacity();
  cache_.put(cache::Key(token), {std::move(verified), bytes, std::nullopt});
}

}  // namespace callboard::identity
