#include "quizzes/quiz_results.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <utility>

#include "cache/cache.hpp"
#include "quizzes/caller.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

namespace json = boost::json;
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

class QuizResults final : public audience::DataProvider {
 public:
  QuizResults(db::Database& database, const Clock& clock, Metrics& metrics)
      : database_(database),
        known_(std::make_shared<Known>(
            cache::Options{
                .name = "quiz_results", .max_bytes = quiz_results_bytes, .lifetime = lifetime},
            clock, metrics)) {
    database.on_change([known = known_](const db::Change& change) { follow(*known, change); });
  }

  std::string_view name() const override { return "quizzes"; }

  std::vector<audience::Variable> variables(std::string_view) const override {
    return {{"quiz_results", "list", "The results that the user had in quizzes: QUIZ/TYPE"}};
  }

  bool fill(const audience::Subject& subject, std::span<const Wanted> wanted,
            audience::Scratch& scratch) const override {
    if (subject.user->user_id().empty()) return true;  // made up, for a preview
    auto results = known_->find({subject.app_id, subject.user->user_id()});
    if (results == nullptr) return false;
    set(std::move(results), wanted, scratch);
    return true;
  }

  void fill_blocking(const audience::Subject& subject, std::span<const Wanted> wanted,
                     audience::Scratch& scratch) const override {
    if (subject.user->user_id().empty()) return;
    set(load(subject.app_id, subject.user->user_id()), wanted, scratch);
  }

 private:
  static void set(std::shared_ptr<const Value> results, std::span<const Wanted> wanted,
                  audience::Scratch& scratch) {
    for (const Wanted& want : wanted) scratch.set(want.slot, results.get());
    scratch.keep(std::move(results));
  }

  std::shared_ptr<const Value> load(std::string_view app_id, std::string_view user_id) const {
    return known_->load({app_id, user_id}, [&]() -> Known::Loaded {
      const auto results = database_.get(
          [&](db::Transaction& transaction) { return results_of(transaction, app_id, user_id); });
      Value::Array names;
      std::size_t bytes = sizeof(Value);
      for (const UserResult& result : results) {
        std::string name = result.quiz + "/" + result.type;
        bytes += sizeof(Value) + name.size();
        names.emplace_back(std::move(name));
      }
      return {std::make_shared<const Value>(std::move(names)), bytes};
    });
  }

  db::Database& database_;
  const std::shared_ptr<Known> known_;  // shared with the subscription, which may outlive this
};

}  // namespace

std::unique_ptr<audience::DataProvider> quiz_results_provider(db::Database& database,
                                                              const Clock& clock,
                                                              Metrics& metrics) {
  return std::make_unique<QuizResults>(database, clock, metrics);
}

json::object show_quiz_results(db::Transaction& transaction, std::string_view app_id,
                               std::string_view user_id) {
  json::array results;
  for (const UserResult& result : results_of(transaction, app_id, user_id)) {
    results.push_back(json::object{{"quiz", result.quiz},
                                   {"type", result.type},
                                   {"answered_at", rfc3339(result.answered_at)}});
  }
  if (results.empty()) return {};
  return {{"quiz_results", std::move(results)}};
}

bool erase_quiz_results(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id) {
  std::int64_t gone = transaction.execute(
      "DELETE FROM quiz_results WHERE app_id = $1 AND user_id = $2", {app_id, user_id});
  if (gone > 0) transaction.announce(app_id, audience::provided_change, user_id);
  gone += transaction.execute("DELETE FROM quiz_requests WHERE app_id = $1 AND caller = $2",
                              {app_id, caller_of_user(user_id)});
  return gone > 0;
}

}  // namespace callboard::quizzes
