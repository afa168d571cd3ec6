#include "base/token_buckets.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/random.hpp"

namespace callboard {

TokenBuckets::TokenBuckets(std::size_t places) {
  static_assert(sizeof hash_key_ == crypto_shorthash_KEYBYTES);
  const std::string random = random_bytes(hash_key_.size());
  std::memcpy(hash_key_.data(), random.data(), hash_key_.size());
  for (Shard& shard : shards_) {
    shard.sets.resize(std::max<std::size_t>(1, places / (shard_count * places_of_key)));
  }
}

std::chrono::nanoseconds TokenBuckets::take(std::string_view key, const Rate& rate,
                                            MonotonicTime now) {
  return look(key, rate, now, true);
}

std::chrono::nanoseconds TokenBuckets::wait(std::string_view key, const Rate& rate,
                                            MonotonicTime now) {
  return look(key, rate, now, false);
}

std::chrono::nanoseconds TokenBuckets::look(std::string_view key, const Rate& rate,
                                            MonotonicTime now, bool takes) {
  if (!rate.is_limit()) return std::chrono::nanoseconds{0};
  std::uint64_t hash = 0;
  static_assert(sizeof hash == crypto_shorthash_BYTES);
  crypto_shorthash(reinterpret_cast<unsigned char*>(&hash),
                   reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                   hash_key_.data());
  Shard& shard = shards_[hash % shard_count];
  const std::lock_guard lock(shard.mutex);
  auto& set = shard.sets[hash / shard_count % shard.sets.size()];
  Place* place = std::ranges::find(set, hash, &Place::key);
  const bool is_known = place != set.end();
  const MonotonicTime full_at = is_known ? std::max(place->full_at, now) : now;
  // It lacks one token for each of these intervals between now and full_at.
  const auto interval = rate.period / rate.count;
  const auto missing = full_at - now + interval;
  if (missing > rate.period) return missing - rate.period;
  if (!takes) return std::chrono::nanoseconds{0};
  if (!is_known) place = std::ranges::min_element(set, {}, &Place::full_at);
  *place = {hash, full_at + interval};
  return std::chrono::nanoseconds{0};
}

Error too_many_requests(std::chrono::nanoseconds wait) {
  return Error(ErrorCode::too_many, "too many requests; try again later")
      .with_retry_after(std::chrono::ceil<std::chrono::seconds>(wait));
}

}  // namespace callboard
