#include "audience/app_addresses.hpp"

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
struct Index {
  std::map<std::string, std::vector<Allowing>, std::less<>> origins;
  std::map<std::string, std::string, std::less<>> hosts;  // the application's id
  std::string fallback;                                   // of every other host
  std::size_t apps = 0;

  void add(const Application& application) {
    for (const std::string& origin : application.settings.allowed_origins) {
      origins[origin].push_back({application.app_id, application.settings.hosts});
    }
    for (const std::string& host : application.settings.hosts) {
      const auto [entry, is_new] = hosts.emplace(host, application.app_id);
      if (!is_new) entry->second = std::min(entry->second, application.app_id);
    }
    fallback = ++apps == 1 ? application.app_id : "";
  }
};

std::string lower_case(std::string_view host) {
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

}  // namespace

struct AppAddresses::Memory {
  std::shared_ptr<const Index> current() const {
    const std::lock_guard lock(mutex);
    return index;
  }
  template <class Predicate>
  bool any(std::string_view origin, Predicate holds) const {
    const auto now = current();
    const auto found = now->origins.find(origin);
    return found != now->origins.end() && std::ranges::any_of(found->second, holds);
  }

  std::atomic<std::uint64_t> changes{1};
  std::atomic<std::uint64_t> loaded{0};  // as of so many changes
  std::mutex loading;                    // held by the one who loads
  mutable std::mutex mutex;              // guards index
  std::shared_ptr<const Index> index = std::make_shared<const Index>();
};

AppAddresses::AppAddresses(db::Database& database, std::string default_app)
    : database_(database),
      default_app_(std::move(default_app)),
      memory_(std::make_shared<Memory>()) {
  database.on_change([memory = memory_](const db::Change& change) {
    if (change.kind.empty() || change.kind == "app") ++memory->changes;
  });
}

bool AppAddresses::is_current() const {
  return memory_->loaded == memory_->changes;
}

void AppAddresses::load() {
  const std::lock_guard loading(memory_->loading);
  const std::uint64_t changes = memory_->changes;
  if (memory_->loaded == changes) return;
  auto index = std::make_shared<Index>();
  database_.read([&](db::Transaction& transaction) {
    each_application(transaction, [&](const Application& application) { index->add(application); });
  });
  if (!default_app_.empty()) index->fallback = default_app_;
  {
    const std::lock_guard lock(memory_->mutex);
    memory_->index = std::move(index);
  }
  memory_->loaded = changes;
}

bool AppAddresses::allows(std::string_view app_id, std::string_view origin) const {
  return memory_->any(origin, [&](const Allowing& each) { return each.app_id == app_id; });
}

bool AppAddresses::any_allows(std::string_view host, std::string_view origin) const {
  const std::string lower = lower_case(host);
  const auto app_id = app_at(host);
  return memory_->any(origin, [&](const Allowing& each) {
    return each.is_called_under(lower) || (app_id && each.app_id == *app_id);
  });
}

std::shared_ptr<const std::string> AppAddresses::app_at(std::string_view host) const {
  auto now = memory_->current();
  const auto found = now->hosts.empty() ? now->hosts.end() : now->hosts.find(lower_case(host));
  const std::string& app_id = found == now->hosts.end() ? now->fallback : found->second;
  if (app_id.empty()) return nullptr;
  return {std::move(now), &app_id};
}

}  // namespace callboard::audience
