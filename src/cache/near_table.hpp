#pragma once

// Values near to one thread: a fixed table by 64-bit hash, without a lock, a list or a reference
// count. Each hash has four places; whoever comes fifth takes the oldest's. It stands in front of a
// Cache or of something that can be made again, for it forgets at will.
//
// Not for two threads. A hash alone is no proof: find() asks the caller whether a value is meant.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace callboard::cache {

template <class T>
class NearTable {
 public:
  // With fewer, one user in ten would find their places taken in a table half full.
  static constexpr std::size_t places_of_a_hash = 4;

  // Room for `places` values, rounded up to a power of two.
  explicit NearTable(std::size_t places)
      : sets_(std::bit_ceil(std::max(places, places_of_a_hash) / places_of_a_hash)) {}

  // Null: none of that hash satisfies `is_meant(value)`.
  template <class IsMeant>
  T* find(std::uint64_t hash, IsMeant is_meant) {
    Set& set = set_of(hash);
    for (std::size_t i = 0; i < places_of_a_hash; ++i) {
      if (set.hashes[i] == hash && is_meant(set.values[i])) return &set.values[i];
    }
    return nullptr;
  }

  // Where a value of that hash goes; what stood there is the caller's to replace.
  T& place(std::uint64_t hash) {
    Set& set = set_of(hash);
    const std::size_t oldest = set.oldest++ % places_of_a_hash;
    set.hashes[oldest] = hash;
    return set.values[oldest];
  }

 private:
  struct Set {
    std::array<std::uint64_t, places_of_a_hash> hashes{};
    std::size_t oldest = 0;
    std::array<T, places_of_a_hash> values{};
  };
  Set& set_of(std::uint64_t hash) { return sets_[hash & (sets_.size() - 1)]; }

  std::vector<Set> sets_;
};

}  // namespace callboard::cache
