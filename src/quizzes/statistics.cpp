#include "quizzes/statistics.hpp"

#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

using Memory = cache::Cache<QuizStatistics>;

// Changes are announced; these only bound how long a lost announcement could matter, and how long
// names that somebody made up take room.
constexpr std::chrono::minutes lifetime{10};
constexpr std::chrono::seconds lifetime_of_nothing{10};

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

void follow(Memory& memory, const db::Change& change) {
  if (change.kind.empty()) memory.clear();
  if (change.kind == tally_change) memory.erase({change.app_id, change.key});
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

Statistics::Statistics(db::Database& database, const Clock& clock, Metrics& metrics)
    : database_(database),
      cache_(std::make_shared<Memory>(
          cache::Options{.name = "quizzes", .max_bytes = statistics_bytes, .lifetime = lifetime},
          clock, metrics)) {
  database.on_change([cache = cache_](const db::Change& change) { follow(*cache, change); });
}

std::shared_ptr<const QuizStatistics> Statistics::from_memory(std::string_view app_id,
                                                              std::string_view quiz) const {
  return cache_->find({app_id, quiz});
}

std::shared_ptr<const QuizStatistics> Statistics::load(std::string_view app_id,
                                                       std::string_view quiz) const {
  return cache_->load({app_id, quiz}, [&]() -> Memory::Loaded {
    auto found = database_.get(
        [&](db::Transaction& transaction) { return find_quiz(transaction, app_id, quiz); });
    const bool exists = found.has_value();
    auto loaded = std::make_shared<const QuizStatistics>(std::move(found));
    const std::size_t bytes = loaded->bytes();
    if (exists) return {std::move(loaded), bytes};
    return {std::move(loaded), bytes, lifetime_of_nothing};
  });
}

}  // namespace callboard::quizzes
