#include "audience/allowed_origins.hpp"

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "audience/application_store.hpp"

namespace callboard::audience {
namespace {

struct Allowing {
  std::string app_id;
  std::vector<std::string> hosts;

  bool is_called_under(std::string_view host) const {
    return hosts.empty() || std::ranges::find(hosts, host) != hosts.end();
  }
};
using Index = std::map<std::string, std::vector<Allowing>, std::less<>>;  // by origin

}  // namespace

struct AllowedOrigins::Memory {
  std::shared_ptr<const Index> current() const {
    const std::lock_guard lock(mutex);
    return index;
  }
  template <class Predicate>
  bool any(std::string_view origin, Predicate holds) const {
    const auto now = current();
    const auto found = now->find(origin);
    return found != now->end() && std::ranges::any_of(found->second, holds);
  }

  std::atomic<std::uint64_t> changes{1};
  std::atomic<std::uint64_t> loaded{0};  // as of so many changes
  std::mutex loading;                    // held by the one who loads
  mutable std::mutex mutex;              // guards index
  std::shared_ptr<const Index> index = std::make_shared<const Index>();
};

AllowedOrigins::AllowedOrigins(db::Database& database)
    : database_(database), memory_(std::make_shared<Memory>()) {
  database.on_change([memory = memory_](const db::Change& change) {
    if (change.kind.empty() || change.kind == "app") ++memory->changes;
  });
}

bool AllowedOrigins::is_current() const {
  return memory_->loaded == memory_->changes;
}

void AllowedOrigins::load() {
  const std::lock_guard loading(memory_->loading);
  const std::uint64_t changes = memory_->changes;
  if (memory_->loaded == changes) return;
  auto index = std::make_shared<Index>();
  database_.read([&](db::Transaction& transaction) {
    each_application(transaction, [&](const Application& application) {
      for (const std::string& origin : application.settings.allowed_origins) {
        (*index)[origin].push_back({application.app_id, application.settings.hosts});
      }
    });
  });
  {
    const std::lock_guard lock(memory_->mutex);
    memory_->index = std::move(index);
  }
  memory_->loaded = changes;
}

bool AllowedOrigins::allows(std::string_view app_id, std::string_view origin) const {
  return memory_->any(origin, [&](const Allowing& each) { return each.app_id == app_id; });
}

bool AllowedOrigins::any_allows(std::string_view host, std::string_view origin) const {
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return memory_->any(origin, [&](const Allowing& each) { return each.is_called_under(lower); });
}

}  // namespace callboard::audience
