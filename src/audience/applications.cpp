#include "audience/applications.hpp"

#include "audience/application_store.hpp"
#include "base/error.hpp"

namespace callboard::audience {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t cache_bytes = std::size_t{8} << 20;
// Changes are announced; the lifetimes only bound how long a lost announcement could matter.
constexpr std::chrono::nanoseconds lifetime = 10min;
constexpr std::chrono::nanoseconds lifetime_of_none = 30s;

using Entry = std::optional<Application>;

std::size_t size_of(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += sizeof(std::string) + text.size();
  return bytes;
}

std::size_t size_of(const std::vector<Variable>& variables) {
  std::size_t bytes = 0;
  for (const Variable& variable : variables) {
    bytes += sizeof variable + variable.name.size() + variable.description.size();
  }
  return bytes;
}

std::size_t size_of(const std::vector<ProviderSettings>& providers) {
  std::size_t bytes = 0;
  for (const ProviderSettings& provider : providers) {
    bytes += sizeof provider + provider.url.size() + provider.sealed_header_value.size() +
             size_of(provider.variables);
  }
  return bytes;
}

std::size_t size_of(const Entry& entry) {
  if (!entry) return sizeof(Entry);
  const AppSettings& settings = entry->settings;
  return sizeof(Entry) + entry->app_id.size() + entry->workspace_id.size() + settings.name.size() +
         settings.front_end_url.size() + size_of(settings.hosts) +
         size_of(settings.allowed_origins) + size_of(settings.server_only_attributes) +
         size_of(settings.attributes) + size_of(settings.providers) + bytes_of(settings.line) +
         bytes_of(settings.reminders);
}

std::shared_ptr<const Application> application_in(std::shared_ptr<const Entry> entry) {
  const Application* application = entry->has_value() ? &**entry : nullptr;
  if (application == nullptr) return nullptr;
  return {std::move(entry), application};
}

}  // namespace

Applications::Applications(db::Database& database, const Clock& clock, Metrics& metrics)
    : cache_(std::make_shared<cache::Cache<Entry>>(
          cache::Options{.name = "applications", .max_bytes = cache_bytes, .lifetime = lifetime},
          clock, metrics)),
      database_(database) {
  database_.on_change([cache = cache_](const db::Change& change) {
    if (change.kind.empty()) cache->clear();
    if (change.kind == "app") cache->erase(cache::Key(change.app_id));
  });
}

std::optional<std::shared_ptr<const Application>> Applications::from_memory(
    std::string_view app_id) const {
  auto entry = cache_->find(cache::Key(app_id));
  if (entry == nullptr) return std::nullopt;
  return application_in(std::move(entry));
}

std::shared_ptr<const Application> Applications::get(std::string_view app_id) const {
  // What can't be an id takes no place in memory.
  if (!is_id(app_id)) return nullptr;
  return application_in(cache_->load(cache::Key(app_id), [&]() -> cache::Cache<Entry>::Loaded {
    auto entry = std::make_shared<const Entry>(database_.get(
        [&](db::Transaction& transaction) { return find_application(transaction, app_id); }));
    const std::size_t bytes = size_of(*entry);
    if (!entry->has_value()) return {std::move(entry), bytes, lifetime_of_none};
    return {std::move(entry), bytes};
  }));
}

std::shared_ptr<const Application> Applications::require(std::string_view app_id) const {
  auto application = get(app_id);
  if (application == nullptr) throw Error(ErrorCode::not_found, "there is no such application");
  return application;
}

}  // namespace callboard::audience
