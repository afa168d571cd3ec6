#include "audience/users.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>
#include <utility>

#include "audience/user_store.hpp"

namespace callboard::audience {
namespace {

using namespace std::chrono_literals;

// Changes are announced; this only bounds how long a lost announcement could matter.
constexpr std::chrono::nanoseconds lifetime = 10min;

std::string pointer_to(std::size_t place) {
  return "/" + std::to_string(place) + "/attributes";
}

// Whoever changes many users at once takes them in one order, so that two such never wait for each
// other. What is said twice of one user is done in the order in which it was said.
std::vector<std::size_t> order_of_ids(const std::vector<UserChanges>& users) {
  std::vector<std::size_t> order(users.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return users[i].user_id; });
  return order;
}

}  // namespace

struct Users::Memory {
  static constexpr std::size_t generations_kept = 4096;

  Memory(std::size_t max_bytes, const Clock& clock, Metrics& metrics)
      : cache({.name = "users", .max_bytes = max_bytes, .lifetime = lifetime}, clock, metrics) {}

  std::atomic<std::uint64_t>& generation(cache::Key user) {
    return generations[cache::hash_of(user) % generations_kept];
  }
  // The value goes first: whoever sees the new generation finds nothing old.
  void forget(cache::Key user) {
    cache.erase(user);
    ++generation(user);
  }
  void forget_all() {
    cache.clear();
    for (auto& generation : generations) ++generation;
  }
  void follow(const db::Change& change) {
    const bool of_users = change.kind == "attributes";
    if (change.kind.empty() || (of_users && change.key.empty()))
      forget_all();
    else if (of_users)
      forget({change.app_id, change.key});
  }

  cache::Cache<User> cache;
  std::array<std::atomic<std::uint64_t>, generations_kept> generations{};
};

Users::Users(db::Database& database, const Clock& clock, Metrics& metrics, std::size_t cache_bytes)
    : memory_(std::make_shared<Memory>(cache_bytes, clock, metrics)),
      database_(database),
      clock_(clock) {
  database_.on_change([memory = memory_](const db::Change& change) { memory->follow(change); });
}

std::shared_ptr<const User> Users::cached(std::string_view app_id, std::string_view user_id) const {
  return memory_->cache.find({app_id, user_id});
}

std::uint64_t Users::generation(std::string_view app_id, std::string_view user_id) const {
  return memory_->generation({app_id, user_id}).load(std::memory_order_acquire);
}

std::shared_ptr<const User> Users::load(std::string_view app_id, std::string_view user_id) const {
  return memory_->cache.load({app_id, user_id}, [&]() -> cache::Cache<User>::Loaded {
    auto found = database_.get(
        [&](db::Transaction& transaction) { return find_user(transaction, app_id, user_id); });
    auto user =
        std::make_shared<const User>(found ? std::move(*found) : User(std::string(user_id)));
    const std::size_t bytes = user->bytes();
    return {std::move(user), bytes};
  });
}

void Users::replace(std::string app_id, std::string user_id, boost::json::object attributes,
                    std::vector<std::string> kept, Done done) {
  write(
      [app_id = std::move(app_id), user_id = std::move(user_id), attributes = std::move(attributes),
       kept = std::move(kept)](db::Transaction& transaction, Timestamp now) {
        return replace_attributes(transaction, app_id, user_id, attributes, kept, now);
      },
      std::move(done));
}

void Users::merge(std::string app_id, std::string user_id, boost::json::object changes, Done done) {
  write(
      [app_id = std::move(app_id), user_id = std::move(user_id), changes = std::move(changes)](
          db::Transaction& transaction, Timestamp now) {
        return merge_attributes(transaction, app_id, user_id, changes, "/attributes", now);
      },
      std::move(done));
}

void Users::write(Change change, Done done) {
  auto written = std::make_shared<std::shared_ptr<const User>>();
  database_.write(
      [change = std::move(change), written, now = clock_.now()](db::Transaction& transaction) {
        *written = std::make_shared<const User>(change(transaction, now));
      },
      [done = std::move(done), written](std::exception_ptr error) {
        done(error, error ? nullptr : *written);
      });
}

void Users::merge_all(std::string app_id, std::vector<UserChanges> users, db::Completion done) {
  database_.write(
      [app_id = std::move(app_id), users = std::move(users),
       now = clock_.now()](db::Transaction& transaction) {
        for (const std::size_t i : order_of_ids(users)) {
          merge_attributes(transaction, app_id, users[i].user_id, users[i].changes, pointer_to(i),
                           now);
        }
      },
      std::move(done));
}

}  // namespace callboard::audience
