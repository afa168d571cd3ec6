#pragma once

// How often each result of a quiz came, in memory and already written as JSON. Follows the changes
// of kind tally_change: when an increment is answered, this node's next read has it. Which quizzes
// an application has is kept too, so that names that somebody makes up cost nothing.
//
// Owned by app/; any thread; `database`, `clock` and `metrics` outlive it.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "quizzes/quiz.hpp"

namespace callboard::quizzes {

inline constexpr std::size_t statistics_bytes = std::size_t{16} << 20;
inline constexpr std::size_t quiz_keys_bytes = std::size_t{4} << 20;

class QuizStatistics {
 public:
  explicit QuizStatistics(std::optional<Quiz> quiz);

  const std::optional<Quiz>& quiz() const { return quiz_; }  // nothing: there is no such quiz
  // {"total":8,"types":[{"type":"a","count":3,"percent":37.50},...]}; empty without a quiz.
  const std::string& body() const { return body_; }
  std::size_t bytes() const;  // in memory, roughly

 private:
  std::optional<Quiz> quiz_;
  std::string body_;
};

class Statistics {
 public:
  Statistics(db::Database& database, const Clock& clock, Metrics& metrics);

  // On the I/O thread. Null: not in memory, load() is needed.
  std::shared_ptr<const QuizStatistics> from_memory(std::string_view app_id,
                                                    std::string_view quiz) const;
  // Blocks where it is not in memory. Never null.
  std::shared_ptr<const QuizStatistics> load(std::string_view app_id, std::string_view quiz) const;

 private:
  struct Memory;

  db::Database& database_;
  // Shared with the subscription to the database, which may outlive this.
  std::shared_ptr<Memory> memory_;
};

}  // namespace callboard::quizzes
