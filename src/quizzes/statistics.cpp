#include "quizzes/statistics.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "cache/cache.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

using Keys = std::vector<std::string>;  // sorted

// Changes are announced; this only bounds how long a lost announcement could matter.
constexpr std::chrono::minutes lifetime{10};

std::string written(const Quiz& quiz) {
  const auto share = shares(quiz.types);
  std::string body = "{\"total\":" + std::to_string(quiz.total()) + ",\"types\":[";
  for (std::size_t i = 0; i < quiz.types.size(); ++i) {
    body += i == 0 ? "{\"type\":" : ",{\"type\":";
    append_json_string(body, quiz.types[i].type);
    body += ",\"count\":" + std::to_string(quiz.types[i].tally);
    body += ",\"percent\":" + percent_text(share[i]) + '}';
  }
  return body + "]}";
}

std::size_t bytes_of(const Keys& keys) {
  std::size_t bytes = sizeof keys;
  for (const std::string& key : keys) bytes += sizeof key + key.capacity();
  return bytes;
}

bool contains(const Keys& keys, std::string_view quiz) {
  return std::ranges::binary_search(keys, quiz);
}

}  // namespace

QuizStatistics::QuizStatistics(std::optional<Quiz> quiz)
    : quiz_(std::move(quiz)), body_(quiz_ ? written(*quiz_) : "") {}

std::size_t QuizStatistics::bytes() const {
  std::size_t bytes = sizeof *this + body_.capacity();
  if (!quiz_) return bytes;
  for (const ResultType& type : quiz_->types) {
    bytes += sizeof type + type.type.capacity() + type.title.capacity();
  }
  return bytes;
}

struct Statistics::Memory {
  Memory(const Clock& clock, Metrics& metrics)
      : quizzes({.name = "quizzes", .max_bytes = statistics_bytes, .lifetime = lifetime}, clock,
                metrics),
        keys({.name = "quiz_keys", .max_bytes = quiz_keys_bytes, .lifetime = lifetime}, clock,
             metrics) {}

  void follow(const db::Change& change);

  cache::Cache<QuizStatistics> quizzes;
  cache::Cache<Keys> keys;  // by application
  const std::shared_ptr<const QuizStatistics> nothing =
      std::make_shared<const QuizStatistics>(std::nullopt);
};

// The key of a quiz that was deleted stays with the others: it is looked for in vain.
void Statistics::Memory::follow(const db::Change& change) {
  if (change.kind.empty()) {
    quizzes.clear();
    keys.clear();
  }
  if (change.kind != tally_change) return;
  quizzes.erase({change.app_id, change.key});
  const auto known = keys.find(cache::Key(change.app_id));
  if (known == nullptr || !contains(*known, change.key)) keys.erase(cache::Key(change.app_id));
}

Statistics::Statistics(db::Database& database, const Clock& clock, Metrics& metrics)
    : database_(database), memory_(std::make_shared<Memory>(clock, metrics)) {
  database.on_change([memory = memory_](const db::Change& change) { memory->follow(change); });
}

std::shared_ptr<const QuizStatistics> Statistics::from_memory(std::string_view app_id,
                                                              std::string_view quiz) const {
  if (auto found = memory_->quizzes.find({app_id, quiz})) return found;
  const auto keys = memory_->keys.find(cache::Key(app_id));
  return keys && !contains(*keys, quiz) ? memory_->nothing : nullptr;
}

std::shared_ptr<const QuizStatistics> Statistics::load(std::string_view app_id,
                                                       std::string_view quiz) const {
  const auto keys = memory_->keys.load(cache::Key(app_id), [&]() -> cache::Cache<Keys>::Loaded {
    auto loaded = std::make_shared<const Keys>(database_.get(
        [&](db::Transaction& transaction) { return quiz_keys(transaction, app_id); }));
    const std::size_t bytes = bytes_of(*loaded);
    return {std::move(loaded), bytes};
  });
  if (!contains(*keys, quiz)) return memory_->nothing;
  return memory_->quizzes.load({app_id, quiz}, [&]() -> cache::Cache<QuizStatistics>::Loaded {
    auto loaded = std::make_shared<const QuizStatistics>(database_.get(
        [&](db::Transaction& transaction) { return find_quiz(transaction, app_id, quiz); }));
    const std::size_t bytes = loaded->bytes();
    return {std::move(loaded), bytes};
  });
}

}  // namespace callboard::quizzes
