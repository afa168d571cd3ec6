#include "cache/untyped_cache.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <list>
#include <mutex>
#include <random>
#include <unordered_map>
#include <utility>

namespace callboard::cache {
namespace {

// An entry's list node, table node and control block, as they weigh on a 64-bit machine.
constexpr std::size_t entry_overhead = 224;

struct HashedKey {
  Key key;
  std::uint64_t hash;
  friend bool operator==(const HashedKey& a, const HashedKey& b) {
    return a.hash == b.hash && a.key == b.key;
  }
};
struct StoredHash {
  std::size_t operator()(const HashedKey& key) const { return key.hash; }
};

}  // namespace

struct UntypedCache::Entry {
  std::string scope;
  std::string name;
  std::uint64_t hash = 0;
  Value value;
  std::size_t bytes = 0;
  MonotonicTime expires = MonotonicTime::max();
  bool is_used = false;  // found since it was last considered for eviction

  HashedKey key() const { return {Key(scope, name), hash}; }
};

// One load under way. While it stands in its shard's list its result may be stored; erase() and
// put() take it off the list, and so outdate it.
struct UntypedCache::Flight {
  Flight(Key key, std::uint64_t hash_of_key)
      : scope(key.scope), name(key.name), hash(hash_of_key) {}

  std::string scope;
  std::string name;
  std::uint64_t hash;
  std::promise<Value> promise;
  std::shared_future<Value> result = promise.get_future().share();

  HashedKey key() const { return {Key(scope, name), hash}; }
};

struct UntypedCache::Sizes {
  std::atomic<std::int64_t> bytes{0};
  std::atomic<std::int64_t> entries{0};

  void change(std::int64_t by_bytes, std::int64_t by_entries) {
    bytes.fetch_add(by_bytes, std::memory_order_relaxed);
    entries.fetch_add(by_entries, std::memory_order_relaxed);
  }
};

// Everything below its mutex is used with that mutex held. What falls out is moved to a list of the
// caller's, to be destroyed after the mutex is released: a value may be large.
struct UntypedCache::Shard {
  explicit Shard(Sizes& totals) : sizes(totals) {}

  Sizes& sizes;
  std::mutex mutex;
  std::list<Entry> entries;  // newest first; the oldest that nobody used goes first
  std::unordered_map<HashedKey, std::list<Entry>::iterator, StoredHash> index;
  std::vector<std::shared_ptr<Flight>> flights;  // at most one a blocked thread: few
  std::size_t bytes = 0;

  const Entry* find(const HashedKey& key, const Clock& clock) {
    const auto found = index.find(key);
    if (found == index.end()) return nullptr;
    Entry& entry = *found->second;
    if (entry.expires != MonotonicTime::max() && clock.monotonic() >= entry.expires) return nullptr;
    if (!entry.is_used) entry.is_used = true;
    return &entry;
  }

  std::shared_ptr<Flight> flight(const HashedKey& key) const {
    const auto found =
        std::ranges::find_if(flights, [&](const auto& f) { return f->key() == key; });
    return found == flights.end() ? nullptr : *found;
  }

  void outdate_flight(const HashedKey& key) {
    std::erase_if(flights, [&](const auto& f) { return f->key() == key; });
  }

  void insert(Entry entry) {
    entries.push_front(std::move(entry));
    index.emplace(entries.front().key(), entries.begin());
    count(entries.front(), +1);
  }

  void remove(std::list<Entry>::iterator entry, std::list<Entry>& dropped) {
    count(*entry, -1);
    index.erase(entry->key());
    dropped.splice(dropped.end(), entries, entry);
  }

  // The second-chance rule: the oldest goes, unless it was used since its last turn.
  void evict_one(std::list<Entry>& dropped) {
    while (std::exchange(entries.back().is_used, false)) {
      entries.splice(entries.begin(), entries, std::prev(entries.end()));
    }
    remove(std::prev(entries.end()), dropped);
  }

  void remove(const HashedKey& key, std::list<Entry>& dropped) {
    if (const auto found = index.find(key); found != index.end()) remove(found->second, dropped);
  }

  // Entries and flights alike: what is under way is as old as what is stored.
  template <class Condition>
  void remove_if(Condition condition, std::list<Entry>& dropped) {
    std::erase_if(flights, [&](const auto& f) { return condition(f->key().key); });
    for (auto at = entries.begin(); at != entries.end();) {
      const auto entry = at++;
      if (condition(entry->key().key)) remove(entry, dropped);
    }
  }

 private:
  void count(const Entry& entry, int sign) {
    const auto change = sign * static_cast<std::int64_t>(entry.bytes);
    bytes = static_cast<std::size_t>(static_cast<std::int64_t>(bytes) + change);
    sizes.change(change, sign);
  }
};

namespace {

std::chrono::nanoseconds jittered(std::chrono::nanoseconds lifetime) {
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_real_distribution<double> factor(0.9, 1.1);
  return std::chrono::nanoseconds(
      static_cast<std::int64_t>(static_cast<double>(lifetime.count()) * factor(random)));
}

}  // namespace

UntypedCache::UntypedCache(Options options, const Clock& clock, Metrics& metrics)
    : options_(std::move(options)),
      clock_(clock),
      hits_(metrics.counter("callboard_cache_hits_total", "Values found in memory",
                            {{"cache", options_.name}})),
      misses_(metrics.counter("callboard_cache_misses_total", "Values that had to be loaded",
                              {{"cache", options_.name}})),
      evictions_(metrics.counter("callboard_cache_evictions_total", "Values dropped for room",
                                 {{"cache", options_.name}})),
      sizes_(std::make_shared<Sizes>()) {
  const Labels labels = {{"cache", options_.name}};
  metrics.gauge(
      "callboard_cache_bytes", "What the cache occupies",
      [sizes = sizes_] { return static_cast<double>(sizes->bytes.load()); }, labels);
  metrics.gauge(
      "callboard_cache_entries", "How many values the cache holds",
      [sizes = sizes_] { return static_cast<double>(sizes->entries.load()); }, labels);
  options_.shards = std::max<std::size_t>(options_.shards, 1);
  for (std::size_t i = 0; i < options_.shards; ++i) {
    shards_.push_back(std::make_unique<Shard>(*sizes_));
  }
}

UntypedCache::~UntypedCache() {
  clear();
}

UntypedCache::Shard& UntypedCache::shard_of(std::uint64_t hash) {
  // Other bits than those the table inside the shard uses.
  return *shards_[(hash >> 32) % shards_.size()];
}

UntypedCache::Value UntypedCache::find(Key key) {
  const HashedKey hashed{key, hash_of(key)};
  Shard& shard = shard_of(hashed.hash);
  const std::lock_guard lock(shard.mutex);
  const Entry* entry = shard.find(hashed, clock_);
  if (entry == nullptr) return nullptr;
  hits_.add();
  return entry->value;
}

UntypedCache::Value UntypedCache::load(Key key, const Loader& loader) {
  const HashedKey hashed{key, hash_of(key)};
  Shard& shard = shard_of(hashed.hash);
  std::shared_ptr<Flight> flight;
  bool leads = false;
  {
    const std::lock_guard lock(shard.mutex);
    if (const Entry* entry = shard.find(hashed, clock_)) {
      hits_.add();
      return entry->value;
    }
    misses_.add();
    flight = shard.flight(hashed);
    if (!flight) {
      leads = true;
      flight = std::make_shared<Flight>(key, hashed.hash);
      shard.flights.push_back(flight);
    }
  }
  return leads ? lead(shard, flight, loader) : flight->result.get();
}

UntypedCache::Value UntypedCache::lead(Shard& shard, const std::shared_ptr<Flight>& flight,
                                       const Loader& loader) {
  std::list<Entry> dropped;
  try {
    Loaded loaded = loader();
    Value value = loaded.value;
    Entry entry = make_entry(flight->key().key, flight->hash, std::move(loaded));
    {
      const std::lock_guard lock(shard.mutex);
      if (std::erase(shard.flights, flight) == 1) store(shard, std::move(entry), dropped);
    }
    flight->promise.set_value(value);
    return value;
  } catch (...) {
    {
      const std::lock_guard lock(shard.mutex);
      std::erase(shard.flights, flight);
    }
    flight->promise.set_exception(std::current_exception());
    throw;
  }
}

UntypedCache::Entry UntypedCache::make_entry(Key key, std::uint64_t hash, Loaded loaded) const {
  Entry entry{std::string(key.scope), std::string(key.name), hash, std::move(loaded.value)};
  entry.bytes = loaded.bytes + key.scope.size() + key.name.size() + entry_overhead;
  if (const auto lifetime = loaded.lifetime ? loaded.lifetime : options_.lifetime) {
    entry.expires = clock_.monotonic() + jittered(*lifetime);
  }
  return entry;
}

// With the shard's mutex held.
void UntypedCache::store(Shard& shard, Entry entry, std::list<Entry>& dropped) {
  const std::size_t budget = options_.max_bytes / shards_.size();
  shard.remove(entry.key(), dropped);
  if (!entry.value || entry.bytes > budget) return;
  while (shard.bytes + entry.bytes > budget) {
    shard.evict_one(dropped);
    evictions_.add();
  }
  shard.insert(std::move(entry));
}

void UntypedCache::put(Key key, Loaded loaded) {
  const std::uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  Entry entry = make_entry(key, hash, std::move(loaded));
  std::list<Entry> dropped;
  const std::lock_guard lock(shard.mutex);
  shard.outdate_flight(entry.key());
  store(shard, std::move(entry), dropped);
}

void UntypedCache::erase(Key key) {
  const HashedKey hashed{key, hash_of(key)};
  Shard& shard = shard_of(hashed.hash);
  std::list<Entry> dropped;
  const std::lock_guard lock(shard.mutex);
  shard.outdate_flight(hashed);
  shard.remove(hashed, dropped);
}

void UntypedCache::erase_scope(std::string_view scope) {
  for (const auto& shard : shards_) {
    std::list<Entry> dropped;
    const std::lock_guard lock(shard->mutex);
    shard->remove_if([&](Key key) { return key.scope == scope; }, dropped);
  }
}

void UntypedCache::clear() {
  for (const auto& shard : shards_) {
    std::list<Entry> dropped;
    const std::lock_guard lock(shard->mutex);
    shard->remove_if([](Key) { return true; }, dropped);
  }
}

std::size_t UntypedCache::bytes() const {
  return static_cast<std::size_t>(sizes_->bytes.load());
}

std::size_t UntypedCache::entries() const {
  return static_cast<std::size_t>(sizes_->entries.load());
}

}  // namespace callboard::cache
