#include "identity/token_memory.hpp"

#include <utility>

namespace callboard::identity {

TokenMemory::TokenMemory(std::string name, std::size_t max_bytes, const Trust& trust,
                         const Clock& clock, Metrics& metrics)
    : trust_(trust),
      cache_({.name = std::move(name), .max_bytes = max_bytes, .lifetime = {}}, clock, metrics) {}

std::shared_ptr<const VerifiedToken> TokenMemory::find(std::string_view token, Timestamp now) {
  const std::uint64_t version = trust_.version();
  const cache::Key key(token);
  const std::uint64_t hash = cache::hash_of(key);
  NearTokens& near_tokens = near_.mine([] { return NearTokens(max_near_tokens); });
  Near* near = near_tokens.find(hash, [&](const Near& known) { return known.token == token; });
  if (near != nullptr && holds(*near->verified, near->checked, version, now)) {
    near->checked = version;
    return near->verified;
  }
  auto shared = cache_.find(key);
  if (!shared || !holds(*shared, shared->checked, version, now)) return nullptr;
  if (token.size() <= max_near_token_bytes) {
    if (near == nullptr) near = &near_tokens.place(hash);
    *near = {std::string(token), std::make_shared<const VerifiedToken>(*shared), version};
  }
  return shared;
}

bool TokenMemory::holds(const VerifiedToken& verified, std::uint64_t checked, std::uint64_t version,
                        Timestamp now) const {
  if (unix_seconds(now) >= verified.expires_unix_s) return false;
  return checked == version ||
         trust_.still_holds(verified.app_id, verified.keys.get(), verified.family, checked);
}

void TokenMemory::remember(std::string_view token, std::shared_ptr<const VerifiedToken> verified) {
  const std::size_t bytes = sizeof(VerifiedToken) + verified->app_id.capacity() +
                            verified->user_id.capacity() + verified->actor.capacity() +
                            verified->family.capacity();
  cache_.put(cache::Key(token), {std::move(verified), bytes, std::nullopt});
}

}  // namespace callboard::identity
