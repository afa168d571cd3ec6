#pragma once

// Values near to one thread: a fixed table by 64-bit hash, without a lock, a list or a reference
// count. Each hash has two places; whoever comes third takes the older one's. It stands in front of
// a Cache or of something that can be made again, for it forgets at will.
//
// Not for two threads. A hash alone is no proof: find() asks the caller whether a value is meant.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace callboard::cache {

template <class T>
class NearTable {
 public:
  // Room for `places` values, rounded up to a power of two.
  explicit NearTable(std::size_t places) : pairs_(std::bit_ceil((places + 1) / 2)) {}

  // Null: none of that hash satisfies `is_meant(value)`.
  template <class IsMeant>
  T* find(std::uint64_t hash, IsMeant is_meant) {
    Pair& pair = pair_of(hash);
    for (std::size_t i = 0; i < 2; ++i) {
      if (pair.hashes[i] == hash && is_meant(pair.values[i])) return &pair.values[i];
    }
    return nullptr;
  }

  // Where a value of that hash goes; what stood there is the caller's to replace.
  T& place(std::uint64_t hash) {
    Pair& pair = pair_of(hash);
    std::swap(pair.hashes[0], pair.hashes[1]);
    std::swap(pair.values[0], pair.values[1]);
    pair.hashes[0] = hash;
    return pair.values[0];
  }

 private:
  struct Pair {
    std::array<std::uint64_t, 2> hashes{};
    std::array<T, 2> values{};
  };
  Pair& pair_of(std::uint64_t hash) { return pairs_[hash & (pairs_.size() - 1)]; }

  std::vector<Pair> pairs_;
};

}  // namespace callboard::cache
