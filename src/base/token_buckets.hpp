#pragma once

// Rate limits for any number of callers in a fixed amount of memory: a token bucket for each key,
// which is full at first and refills evenly. Any thread.
//
// A bucket is kept as the time at which it will be full again (the generic cell rate algorithm): a
// full one is the same as none, so a table of a fixed size forgets full ones without loss. Only
// when all places that a key may have belong to others that are not full, the fullest is forgotten.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace callboard {

// So many in each period, and as many at once after a pause.
struct Rate {
  std::uint32_t count = 0;  // 0: no limit
  std::chrono::nanoseconds period{std::chrono::seconds{1}};

  bool is_limit() const { return count != 0; }
};

class TokenBuckets {
 public:
  static constexpr std::size_t default_places = 65'536;  // 16 bytes each

  explicit TokenBuckets(std::size_t places = default_places);

  // Takes a token and returns zero or, where there is none, takes nothing and returns how long it
  // is until there is one. Give a key the same rate each time; a new one counts from then on.
  std::chrono::nanoseconds take(std::string_view key, const Rate& rate, MonotonicTime now);
  // What take() would return; takes nothing.
  std::chrono::nanoseconds wait(std::string_view key, const Rate& rate, MonotonicTime now);

 private:
  static constexpr std::size_t shard_count = 64, places_of_key = 8;
  struct Place {
    std::uint64_t key = 0;
    MonotonicTime full_at = MonotonicTime::min();
  };
  struct Shard {
    std::mutex mutex;
    std::vector<std::array<Place, places_of_key>> sets;
  };

  std::chrono::nanoseconds look(std::string_view key, const Rate& rate, MonotonicTime now,
                                bool takes);

  std::array<unsigned char, 16> hash_key_;  // nobody outside can choose keys that share a place
  std::array<Shard, shard_count> shards_;
};

// What a caller gets who has to wait: `too_many`, to be tried again after whole seconds.
Error too_many_requests(std::chrono::nanoseconds wait);

}  // namespace callboard
