#include "identity/trust.hpp"

#include <fmt/format.h>

#include <deque>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "cache/cache.hpp"

namespace callboard::identity {
namespace {

constexpr std::size_t bytes_of_key = 512;          // a prepared HMAC, its id
constexpr std::size_t bytes_of_public_key = 4096;  // with OpenSSL's own bookkeeping
constexpr std::int64_t pruned_at_once = 8;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

std::size_t bytes_of(const AppKeys& keys) {
  return (keys.client.size() + keys.session.size()) * bytes_of_key +
         keys.server.size() * bytes_of_public_key;
}

}  // namespace

struct Trust::Memory {
  Memory(const Clock& clock_of, Metrics& metrics)
      : clock(clock_of),
        keys({.name = "app_keys", .max_bytes = max_key_bytes, .lifetime = {}}, clock_of, metrics) {}

  void follow(const db::Change& change) {
    if (change.kind == "revocation" && !change.key.empty()) {
      add(change.key);
    } else if (change.kind == "keys" || change.kind == "app") {
      keys.erase(cache::Key(change.app_id));
    } else if (change.kind.empty() || change.kind == "revocation") {
      forget_everything();
    } else {
      return;
    }
    // After the change itself: whoever sees the new version sees the change.
    version.fetch_add(1);
  }

  void add(const std::string& family) {
    const std::lock_guard lock(mutex);
    const MonotonicTime now = clock.monotonic();
    while (!expiries.empty() && expiries.front().first <= now) {
      revoked.erase(expiries.front().second);
      expiries.pop_front();
    }
    if (revoked.size() >= max_revoked) forget_revoked();
    if (revoked.insert(family).second) expiries.emplace_back(now + session_life, family);
  }

  void forget_everything() {
    keys.clear();
    const std::lock_guard lock(mutex);
    forget_revoked();
  }

  // With the mutex held. What was verified before can't be judged from memory any more.
  void forget_revoked() {
    revoked.clear();
    expiries.clear();
    complete_since.store(version.load() + 1);
  }

  bool is_revoked(std::string_view family) const {
    const std::lock_guard lock(mutex);
    return revoked.contains(family);
  }

  const Clock& clock;
  cache::Cache<AppKeys> keys;
  std::atomic<std::uint64_t> version{1};
  // `revoked` holds every revocation since this version.
  std::atomic<std::uint64_t> complete_since{0};
  mutable std::mutex mutex;  // guards the two below
  std::unordered_set<std::string, TextHash, std::equal_to<>> revoked;
  std::deque<std::pair<MonotonicTime, std::string>> expiries;  // of the same families, in order
};

Trust::Trust(db::Database& database, const KeyStore& store, const Clock& clock, Metrics& metrics)
    : database_(database),
      store_(store),
      clock_(clock),
      memory_(std::make_shared<Memory>(clock, metrics)) {
  database.on_change([memory = memory_](const db::Change& change) { memory->follow(change); });
}

std::uint64_t Trust::version() const {
  return memory_->version.load(std::memory_order_acquire);
}

std::shared_ptr<const AppKeys> Trust::keys_in_memory(std::string_view app_id) const {
  return memory_->keys.find(cache::Key(app_id));
}

std::shared_ptr<const AppKeys> Trust::keys(std::string_view app_id) const {
  return memory_->keys.load(cache::Key(app_id), [&]() -> cache::Cache<AppKeys>::Loaded {
    auto keys = prepared(database_.get(
        [&](db::Transaction& transaction) { return store_.live(transaction, app_id); }));
    const std::size_t bytes = sizeof(AppKeys) + bytes_of(*keys);
    if (keys->empty()) return {std::move(keys), bytes, no_keys_life};
    return {std::move(keys), bytes};
  });
}

bool Trust::still_holds(std::string_view app_id, const AppKeys* keys, std::string_view family,
                        std::uint64_t since) const {
  return since >= memory_->complete_since.load() && keys_in_memory(app_id).get() == keys &&
         (family.empty() || !memory_->is_revoked(family));
}

bool Trust::is_revoked_in_memory(std::string_view family) const {
  return memory_->is_revoked(family);
}

bool Trust::is_revoked_at_rest(std::string_view app_id, std::string_view family) const {
  return database_.get([&](db::Transaction& transaction) {
    return transaction
        .first("SELECT 1 FROM revocations WHERE app_id = $1 AND family = $2", {app_id, family},
               [](const db::Row&) { return true; })
        .has_value();
  });
}

void Trust::revoke(db::Transaction& transaction, std::string_view app_id,
                   std::string_view family) const {
  const Timestamp now = clock_.now();
  transaction.execute(
      fmt::format("DELETE FROM revocations WHERE (app_id, family) IN"
                  " (SELECT app_id, family FROM revocations WHERE expires_at_ms <= $1"
                  " ORDER BY expires_at_ms LIMIT $2{})",
                  transaction.skip_locked()),
      {unix_ms(now), pruned_at_once});
  transaction.execute(
      "INSERT INTO revocations (app_id, family, expires_at_ms) VALUES ($1, $2, $3)"
      " ON CONFLICT DO NOTHING",
      {app_id, family, unix_ms(now + session_life)});
  transaction.announce(app_id, "revocation", family);
}

}  // namespace callboard::identity
