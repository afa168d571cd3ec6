#include "events/subscribed_events.hpp"

#include <chrono>
#include <utility>

#include "cache/cache.hpp"

namespace callboard::events {
namespace {

using conditions::Value;
using Known = cache::Cache<Value>;

// Changes are announced; this only bounds how long a lost announcement could matter.
constexpr std::chrono::minutes lifetime{10};

void follow(Known& known, const db::Change& change) {
  if (change.kind.empty()) known.clear();
  if (change.kind != audience::provided_change) return;
  if (change.key.empty())
    known.erase_scope(change.app_id);
  else
    known.erase({change.app_id, change.key});
}

class SubscribedEvents final : public audience::DataProvider {
 public:
  SubscribedEvents(db::Database& database, const Clock& clock, Metrics& metrics)
      : database_(database),
        known_(std::make_shared<Known>(cache::Options{.name = "subscribed_events",
                                                      .max_bytes = subscribed_events_bytes,
                                                      .lifetime = lifetime},
                                       clock, metrics)) {
    database.on_change([known = known_](const db::Change& change) { follow(*known, change); });
  }

  std::string_view name() const override { return "events"; }

  std::vector<audience::Variable> variables(std::string_view) const override {
    return {{"subscribed_events", "list", "The ids of the events that the user is subscribed to"}};
  }

  bool fill(const audience::Subject& subject, std::span<const Wanted> wanted,
            audience::Scratch& scratch) const override {
    if (subject.user->user_id().empty()) return true;  // made up, for a preview
    auto ids = known_->find({subject.app_id, subject.user->user_id()});
    if (ids == nullptr) return false;
    set(std::move(ids), wanted, scratch);
    return true;
  }

  void fill_blocking(const audience::Subject& subject, std::span<const Wanted> wanted,
                     audience::Scratch& scratch) const override {
    if (subject.user->user_id().empty()) return;
    set(load(subject.app_id, subject.user->user_id()), wanted, scratch);
  }

 private:
  static void set(std::shared_ptr<const Value> ids, std::span<const Wanted> wanted,
                  audience::Scratch& scratch) {
    for (const Wanted& want : wanted) scratch.set(want.slot, ids.get());
    scratch.keep(std::move(ids));
  }

  std::shared_ptr<const Value> load(std::string_view app_id, std::string_view user_id) const {
    return known_->load({app_id, user_id}, [&]() -> Known::Loaded {
      Value::Array ids;
      database_.read([&](db::Transaction& transaction) {
        transaction.query(
            "SELECT event_id FROM subscriptions WHERE app_id = $1 AND user_id = $2"
            " ORDER BY event_id",
            {app_id, user_id}, [&](const db::Row& row) { ids.emplace_back(row.string(0)); });
      });
      const std::size_t bytes = sizeof(Value) * (ids.size() + 1);
      return {std::make_shared<const Value>(std::move(ids)), bytes};
    });
  }

  db::Database& database_;
  const std::shared_ptr<Known> known_;  // shared with the subscription, which may outlive this
};

}  // namespace

std::unique_ptr<audience::DataProvider> subscribed_events_provider(db::Database& database,
                                                                   const Clock& clock,
                                                                   Metrics& metrics) {
  return std::make_unique<SubscribedEvents>(database, clock, metrics);
}

}  // namespace callboard::events
