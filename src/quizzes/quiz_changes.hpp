#pragma once

// What an operator does to an application's quizzes, within one transaction: nobody counts in the
// quiz meanwhile, everything is recorded in the audit log, and announced. Used by one thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "quizzes/quiz.hpp"

namespace callboard::quizzes {

// The quiz of the /psycho-test calls.
inline constexpr std::string_view default_quiz = "default";

struct QuizDraft {
  std::string key;
  std::string title = {};
  bool one_result_per_user = false;
  std::vector<ResultType> types = {};
};
// Nothing: as it is.
struct QuizRevision {
  std::optional<std::string> title;
  std::optional<bool> one_result_per_user;
};
struct TypeRevision {
  std::optional<std::string> type;
  std::optional<std::string> title;
};

class QuizChanges {
 public:
  // `by`: who does it, in which application; action and subject are filled in here.
  QuizChanges(db::Transaction& transaction, audience::AuditEntry by, Timestamp now)
      : transaction_(transaction), by_(std::move(by)), now_(now) {}

  // Error{conflict} where there is one of that key, Error{unprocessable} where there are as many as
  // there may be. All others throw Error{not_found} where there is no such quiz or type.
  Quiz create(const QuizDraft& draft);
  // Whether a user has one result changes only while nobody has any: Error{conflict}.
  Quiz update(std::string_view key, const QuizRevision& revision);
  void erase(std::string_view key);

  // Error{conflict}, Error{unprocessable}: as create().
  Quiz add_type(std::string_view key, const ResultType& type);
  // Its tally and whoever has it stay with it.
  Quiz update_type(std::string_view key, std::string_view type, const TypeRevision& revision);
  Quiz remove_type(std::string_view key, std::string_view type);
  Quiz reset(std::string_view key);

  // Adds to the default quiz, which is made where it is missing.
  Quiz add_type_to_default(const ResultType& type);

 private:
  Quiz require(std::string_view key);
  static const ResultType& require_type(const Quiz& quiz, std::string_view type);
  Quiz finish(std::string_view action, const Quiz& before);
  void record(std::string_view action, std::string_view key, const Quiz* before, const Quiz* after);

  db::Transaction& transaction_;
  const audience::AuditEntry by_;
  const Timestamp now_;
};

}  // namespace callboard::quizzes
