#pragma once

// Quizzes at rest. Each function is one step of the caller's transaction. Those that change what
// readers keep in memory announce it (tally_change, the quiz). Errors: those of db::Transaction.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "quizzes/quiz.hpp"

namespace callboard::quizzes {

inline constexpr std::string_view tally_change = "tally";
// A user's list of results, where it is shown or a condition asks for it, has the latest.
inline constexpr std::int64_t max_results_of_user = 1'000;

// Before a quiz's types are changed or counted: nobody else does either until the transaction
// ends. Of several quizzes, in the order of application and key.
void lock_quiz(db::Transaction& transaction, std::string_view app_id, std::string_view quiz);
// Before a quiz is made, since their number is limited; before lock_quiz().
void lock_quizzes(db::Transaction& transaction, std::string_view app_id);

std::optional<Quiz> find_quiz(db::Transaction& transaction, std::string_view app_id,
                              std::string_view quiz);
std::vector<Quiz> list_quizzes(db::Transaction& transaction, std::string_view app_id);  // by key
std::vector<std::string> quiz_keys(db::Transaction& transaction,
                                   std::string_view app_id);  // sorted
std::size_t count_quizzes(db::Transaction& transaction, std::string_view app_id);

void insert_quiz(db::Transaction& transaction, std::string_view app_id, const Quiz& quiz);
// Title, rule and updated_at; not the types.
void update_quiz(db::Transaction& transaction, std::string_view app_id, const Quiz& quiz);
void delete_quiz(db::Transaction& transaction, std::string_view app_id, std::string_view quiz);

// Behind the others.
void insert_type(db::Transaction& transaction, std::string_view app_id, std::string_view quiz,
                 const ResultType& type);
// Name and title; its tally and users keep it.
void update_type(db::Transaction& transaction, std::string_view app_id, std::string_view quiz,
                 std::string_view type, const ResultType& changed);
// With its tally, and nobody has it any more.
void delete_type(db::Transaction& transaction, std::string_view app_id, std::string_view quiz,
                 std::string_view type);
// All tallies are 0, and nobody has a result.
void reset_tallies(db::Transaction& transaction, std::string_view app_id, std::string_view quiz);
bool has_results(db::Transaction& transaction, std::string_view app_id, std::string_view quiz);

struct UserResult {
  std::string quiz, type;
  Timestamp answered_at;
};
// The latest max_results_of_user, the newest first.
std::vector<UserResult> results_of(db::Transaction& transaction, std::string_view app_id,
                                   std::string_view user_id);

}  // namespace callboard::quizzes
