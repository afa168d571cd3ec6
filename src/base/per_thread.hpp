#pragma once

// One T for each thread that asks, so that reading shares no cache line with another thread. A
// member of the object whose threads these are; any thread may call mine(), and gets a reference to
// what is its own until it ends.
//
// What a thread keeps goes when the thread ends, or when it has asked more owners than are kept: a
// T must not refer to its owner when it is destroyed.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace callboard {

namespace per_thread_detail {
inline constexpr std::size_t max_owners = 16;  // of one T, that a thread remembers
// Never given out twice, unlike an address.
inline std::uint64_t next_owner() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}
}  // namespace per_thread_detail

template <class T>
class PerThread {
 public:
  // `make` returns a T, for a thread that asks for the first time.
  template <class Make>
  T& mine(Make make) const {
    thread_local std::vector<Kept> kept;
    const auto found = std::ranges::find(kept, owner_, &Kept::owner);
    if (found != kept.end()) return *found->value;
    if (kept.size() == per_thread_detail::max_owners) kept.erase(kept.begin());
    kept.push_back({owner_, std::make_unique<T>(make())});
    return *kept.back().value;
  }

 private:
  struct Kept {
    std::uint64_t owner;
    std::unique_ptr<T> value;
  };
  const std::uint64_t owner_ = per_thread_detail::next_owner();
};

}  // namespace callboard
