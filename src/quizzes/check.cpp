#include "quizzes/check.hpp"

#include "quizzes/quiz.hpp"

namespace callboard::quizzes {
namespace {

std::string flaw_of(const ResultType& type) {
  if (!is_type(type.type)) return "its name is none";
  if (!is_title(type.title)) return "its title is none";
  return type.tally < 0 || type.tally > max_tally ? "its tally is out of bounds" : "";
}

}  // namespace

void check_stored(db::Transaction& transaction, const std::function<void(std::string)>& report) {
  transaction.query(
      "SELECT app_id, quiz, type, title, tally FROM quiz_types ORDER BY app_id, quiz, type", {},
      [&](const db::Row& row) {
        const std::string flaw = flaw_of({row.string(2), row.string(3), row.integer(4)});
        if (flaw.empty()) return;
        report("type " + row.string(2) + " of quiz " + row.string(1) + " of " + row.string(0) +
               ": " + flaw);
      });
  transaction.query(
      "SELECT quiz_results.app_id, quiz_results.quiz, quiz_results.user_id FROM quiz_results"
      " JOIN quizzes ON quizzes.app_id = quiz_results.app_id AND quizzes.quiz = quiz_results.quiz"
      " WHERE quizzes.one_result_per_user = 1"
      " GROUP BY quiz_results.app_id, quiz_results.quiz, quiz_results.user_id HAVING COUNT(*) > 1",
      {}, [&](const db::Row& row) {
        report("user " + row.string(2) + " of " + row.string(0) + " has two results in quiz " +
               row.string(1));
      });
}

}  // namespace callboard::quizzes
