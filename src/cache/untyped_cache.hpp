#pragma once

// What Cache<T> is made of: the whole mechanism, over values of unknown type, compiled once. Use
// cache/cache.hpp. Any member may be called from any thread; only load() blocks.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "cache/key.hpp"

namespace callboard::cache {

struct Options {
  std::string name;  // the metrics' label `cache`
  std::size_t max_bytes = std::size_t{16} << 20;
  // How long a value lives, give or take a tenth, so that what was loaded together does not expire
  // together. Nothing: until it is erased or evicted.
  std::optional<std::chrono::nanoseconds> lifetime;
  std::size_t shards = 16;  // each holds an equal part of max_bytes under a mutex of its own
};

class UntypedCache {
 public:
  using Value = std::shared_ptr<const void>;
  struct Loaded {
    Value value;
    std::size_t bytes = 0;  // what the value occupies; keys and bookkeeping are added
    std::optional<std::chrono::nanoseconds> lifetime;  // instead of Options::lifetime
  };
  using Loader = std::function<Loaded()>;

  UntypedCache(Options options, const Clock& clock, Metrics& metrics);
  ~UntypedCache();
  UntypedCache(const UntypedCache&) = delete;
  UntypedCache& operator=(const UntypedCache&) = delete;

  Value find(Key key);
  Value load(Key key, const Loader& loader);
  void put(Key key, Loaded loaded);
  void erase(Key key);
  void erase_scope(std::string_view scope);
  void clear();

  std::size_t bytes() const;
  std::size_t entries() const;

 private:
  struct Entry;
  struct Flight;
  struct Shard;
  struct Sizes;

  Shard& shard_of(std::uint64_t hash);
  void store(Shard& shard, Entry entry, std::list<Entry>& dropped);
  Entry make_entry(Key key, std::uint64_t hash, Loaded loaded) const;
  Value lead(Shard& shard, const std::shared_ptr<Flight>& flight, const Loader& loader);

  Options options_;
  const Clock& clock_;
  Counter& hits_;
  Counter& misses_;
  Counter& evictions_;
  std::shared_ptr<Sizes> sizes_;  // shared with the gauges, which may outlive the cache
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace callboard::cache
