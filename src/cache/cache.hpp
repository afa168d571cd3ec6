#pragma once

// A cache in memory: immutable values by key, bounded in bytes. For room the oldest goes, unless it
// was used since its last turn (the second-chance rule, which makes a hit nearly free).
//
// - find() is for the I/O threads: a short mutex of one shard, no allocation.
// - load() blocks: of all who ask for a key at once, one runs the loader, the others wait and get
//   the same value or exception. Exceptions are not remembered.
// - A value that stands for "there is none" is a value like any other, with a shorter lifetime.
// - After erase() no find() and no load() gives what was there before, and a load that was under
//   way reaches only those who already wait for it: it is not stored. put() supersedes likewise.
//
// Owned by whoever keeps something in memory; any thread. A loader must not load its own key. The
// cache counts callboard_cache_{hits,misses,evictions}_total; a miss is a load() that found
// nothing.

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "cache/untyped_cache.hpp"

namespace callboard::cache {

template <class T>
class Cache {
 public:
  // What a loader returns. A null value is handed to the callers, but not stored.
  struct Loaded {
    std::shared_ptr<const T> value;
    std::size_t bytes = 0;  // what the value occupies, roughly
    std::optional<std::chrono::nanoseconds> lifetime = std::nullopt;  // else Options::lifetime
  };

  Cache(Options options, const Clock& clock, Metrics& metrics)
      : untyped_(std::move(options), clock, metrics) {}

  // Null: not in memory.
  std::shared_ptr<const T> find(Key key) { return typed(untyped_.find(key)); }

  template <class Loader>
  std::shared_ptr<const T> load(Key key, Loader&& loader) {
    static_assert(std::is_invocable_r_v<Loaded, Loader&>);
    return typed(untyped_.load(key, [&] { return untyped(loader()); }));
  }

  void put(Key key, Loaded loaded) { untyped_.put(key, untyped(std::move(loaded))); }
  void erase(Key key) { untyped_.erase(key); }
  void erase_scope(std::string_view scope) { untyped_.erase_scope(scope); }
  void clear() { untyped_.clear(); }

  std::size_t bytes() const { return untyped_.bytes(); }
  std::size_t entries() const { return untyped_.entries(); }

 private:
  static std::shared_ptr<const T> typed(UntypedCache::Value value) {
    return std::static_pointer_cast<const T>(std::move(value));
  }
  static UntypedCache::Loaded untyped(Loaded loaded) {
    return {std::move(loaded.value), loaded.bytes, loaded.lifetime};
  }

  UntypedCache untyped_;
};

}  // namespace callboard::cache
