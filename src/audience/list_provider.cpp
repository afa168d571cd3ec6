#include "audience/list_provider.hpp"

#include <chrono>
#include <utility>

#include "cache/cache.hpp"

namespace callboard::audience {
namespace {

using conditions::Value;
using Known = cache::Cache<Value>;

// Changes are announced; this only bounds how long a lost announcement could matter.
constexpr std::chrono::minutes lifetime{10};

void follow(Known& known, const db::Change& change) {
  if (change.kind.empty()) known.clear();
  if (change.kind != provided_change) return;
  if (change.key.empty())
    known.erase_scope(change.app_id);
  else
    known.erase({change.app_id, change.key});
}

std::size_t bytes_of(const Value::Array& texts) {
  std::size_t bytes = sizeof(Value);
  for (const Value& text : texts) bytes += sizeof(Value) + text.string().size();
  return bytes;
}

class Lists final : public DataProvider {
 public:
  Lists(ListProvider description, db::Database& database, const Clock& clock, Metrics& metrics)
      : description_(std::move(description)),
        database_(database),
        known_(std::make_shared<Known>(cache::Options{.name = description_.variable.name,
                                                      .max_bytes = description_.max_bytes,
                                                      .lifetime = lifetime},
                                       clock, metrics)) {
    database.on_change([known = known_](const db::Change& change) { follow(*known, change); });
  }

  std::string_view name() const override { return description_.name; }
  std::vector<Variable> variables(std::string_view) const override {
    return {description_.variable};
  }

  bool fill(const Subject& subject, std::span<const Wanted> wanted,
            Scratch& scratch) const override {
    if (subject.user->user_id().empty()) return true;  // made up, for a preview
    auto texts = known_->find({subject.app_id, subject.user->user_id()});
    if (texts == nullptr) return false;
    set(std::move(texts), wanted, scratch);
    return true;
  }

  void fill_blocking(const Subject& subject, std::span<const Wanted> wanted,
                     Scratch& scratch) const override {
    if (subject.user->user_id().empty()) return;
    set(load(subject.app_id, subject.user->user_id()), wanted, scratch);
  }

 private:
  static void set(std::shared_ptr<const Value> texts, std::span<const Wanted> wanted,
                  Scratch& scratch) {
    for (const Wanted& want : wanted) scratch.set(want.slot, texts.get());
    scratch.keep(std::move(texts));
  }

  std::shared_ptr<const Value> load(std::string_view app_id, std::string_view user_id) const {
    return known_->load({app_id, user_id}, [&]() -> Known::Loaded {
      Value::Array texts = database_.get([&](db::Transaction& transaction) {
        return description_.read(transaction, app_id, user_id);
      });
      const std::size_t bytes = bytes_of(texts);
      return {std::make_shared<const Value>(std::move(texts)), bytes};
    });
  }

  const ListProvider description_;
  db::Database& database_;
  const std::shared_ptr<Known> known_;  // shared with the subscription, which may outlive this
};

}  // namespace

std::unique_ptr<DataProvider> list_provider(ListProvider description, db::Database& database,
                                            const Clock& clock, Metrics& metrics) {
  return std::make_unique<Lists>(std::move(description), database, clock, metrics);
}

}  // namespace callboard::audience
