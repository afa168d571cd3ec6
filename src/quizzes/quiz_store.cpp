#include "quizzes/quiz_store.hpp"

#include <fmt/format.h>
#include <algorithm>

#include <map>
#include <utility>

namespace callboard::quizzes {
namespace {

constexpr std::string_view quiz_columns =
    "quiz, title, one_result_per_user, created_at_ms, updated_at_ms";

Quiz read_quiz(const db::Row& row) {
  return {.key = row.string(0),
          .title = row.string(1),
          .one_result_per_user = row.integer(2) != 0,
          .types = {},
          .created_at = timestamp_from_ms(row.integer(3)),
          .updated_at = timestamp_from_ms(row.integer(4))};
}

std::int64_t only_integer(const db::Row& row) {
  return row.integer(0);
}

void announce(db::Transaction& transaction, std::string_view app_id, std::string_view quiz) {
  transaction.announce(app_id, tally_change, quiz);
}

}  // namespace

void lock_quiz(db::Transaction& transaction, std::string_view app_id, std::string_view quiz) {
  transaction.lock(fmt::format("quiz/{}/{}", app_id, quiz));
}

void lock_quizzes(db::Transaction& transaction, std::string_view app_id) {
  transaction.lock(fmt::format("quizzes/{}", app_id));
}

std::optional<Quiz> find_quiz(db::Transaction& transaction, std::string_view app_id,
                              std::string_view quiz) {
  auto found = transaction.first(
      fmt::format("SELECT {} FROM quizzes WHERE app_id = $1 AND quiz = $2", quiz_columns),
      {app_id, quiz}, read_quiz);
  if (!found) return std::nullopt;
  transaction.query(
      "SELECT type, title, tally FROM quiz_types WHERE app_id = $1 AND quiz = $2"
      " ORDER BY position, type",
      {app_id, quiz}, [&](const db::Row& row) {
        found->types.push_back({row.string(0), row.string(1), row.integer(2)});
      });
  return found;
}

std::vector<Quiz> list_quizzes(db::Transaction& transaction, std::string_view app_id) {
  std::vector<Quiz> quizzes;
  std::map<std::string, std::size_t, std::less<>> places;
  transaction.query(
      fmt::format("SELECT {} FROM quizzes WHERE app_id = $1 ORDER BY quiz", quiz_columns), {app_id},
      [&](const db::Row& row) {
        places.emplace(row.string(0), quizzes.size());
        quizzes.push_back(read_quiz(row));
      });
  transaction.query(
      "SELECT quiz, type, title, tally FROM quiz_types WHERE app_id = $1 ORDER BY position, type",
      {app_id}, [&](const db::Row& row) {
        const auto place = places.find(row.text(0));
        if (place == places.end()) return;
        quizzes[place->second].types.push_back({row.string(1), row.string(2), row.integer(3)});
      });
  return quizzes;
}

std::vector<std::string> quiz_keys(db::Transaction& transaction, std::string_view app_id) {
  std::vector<std::string> keys;
  transaction.query("SELECT quiz FROM quizzes WHERE app_id = $1", {app_id},
                    [&](const db::Row& row) { keys.push_back(row.string(0)); });
  std::ranges::sort(keys);  // a database may have an order of its own
  return keys;
}

std::size_t count_quizzes(db::Transaction& transaction, std::string_view app_id) {
  const auto count =
      transaction.first("SELECT COUNT(*) FROM quizzes WHERE app_id = $1", {app_id}, only_integer);
  return static_cast<std::size_t>(count.value_or(0));
}

void insert_quiz(db::Transaction& transaction, std::string_view app_id, const Quiz& quiz) {
  transaction.execute(
      "INSERT INTO quizzes (app_id, quiz, title, one_result_per_user, created_at_ms, updated_at_ms)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      {app_id, quiz.key, quiz.title, std::int64_t{quiz.one_result_per_user},
       unix_ms(quiz.created_at), unix_ms(quiz.updated_at)});
  for (const ResultType& type : quiz.types) insert_type(transaction, app_id, quiz.key, type);
  announce(transaction, app_id, quiz.key);
}

void update_quiz(db::Transaction& transaction, std::string_view app_id, const Quiz& quiz) {
  transaction.execute(
      "UPDATE quizzes SET title = $3, one_result_per_user = $4, updated_at_ms = $5"
      " WHERE app_id = $1 AND quiz = $2",
      {app_id, quiz.key, quiz.title, std::int64_t{quiz.one_result_per_user},
       unix_ms(quiz.updated_at)});
}

void delete_quiz(db::Transaction& transaction, std::string_view app_id, std::string_view quiz) {
  transaction.take_your_time();
  transaction.execute("DELETE FROM quizzes WHERE app_id = $1 AND quiz = $2", {app_id, quiz});
  announce(transaction, app_id, quiz);
}

void insert_type(db::Transaction& transaction, std::string_view app_id, std::string_view quiz,
                 const ResultType& type) {
  transaction.execute(
      "INSERT INTO quiz_types (app_id, quiz, type, title, position, tally) VALUES ($1, $2, $3, $4,"
      " (SELECT COALESCE(MAX(position), 0) + 1 FROM quiz_types WHERE app_id = $1 AND quiz = $2),"
      " $5)",
      {app_id, quiz, type.type, type.title, type.tally});
  announce(transaction, app_id, quiz);
}

void update_type(db::Transaction& transaction, std::string_view app_id, std::string_view quiz,
                 std::string_view type, const ResultType& changed) {
  if (changed.type != type) transaction.take_your_time();  // all who have it have the new name
  transaction.execute(
      "UPDATE quiz_types SET type = $4, title = $5 WHERE app_id = $1 AND quiz = $2 AND type = $3",
      {app_id, quiz, type, changed.type, changed.title});
  announce(transaction, app_id, quiz);
}

void delete_type(db::Transaction& transaction, std::string_view app_id, std::string_view quiz,
                 std::string_view type) {
  transaction.take_your_time();
  transaction.execute("DELETE FROM quiz_types WHERE app_id = $1 AND quiz = $2 AND type = $3",
                      {app_id, quiz, type});
  announce(transaction, app_id, quiz);
}

void reset_tallies(db::Transaction& transaction, std::string_view app_id, std::string_view quiz) {
  transaction.take_your_time();
  transaction.execute("UPDATE quiz_types SET tally = 0 WHERE app_id = $1 AND quiz = $2",
                      {app_id, quiz});
  transaction.execute("DELETE FROM quiz_results WHERE app_id = $1 AND quiz = $2", {app_id, quiz});
  announce(transaction, app_id, quiz);
}

bool has_results(db::Transaction& transaction, std::string_view app_id, std::string_view quiz) {
  return transaction
      .first("SELECT 1 FROM quiz_results WHERE app_id = $1 AND quiz = $2 LIMIT 1", {app_id, quiz},
             only_integer)
      .has_value();
}

std::vector<UserResult> results_of(db::Transaction& transaction, std::string_view app_id,
                                   std::string_view user_id) {
  std::vector<UserResult> results;
  transaction.query(
      "SELECT quiz, type, answered_at_ms FROM quiz_results WHERE app_id = $1 AND user_id = $2"
      " ORDER BY answered_at_ms DESC, quiz, type LIMIT $3",
      {app_id, user_id, max_results_of_user}, [&](const db::Row& row) {
        results.push_back({row.string(0), row.string(1), timestamp_from_ms(row.integer(2))});
      });
  return results;
}

}  // namespace callboard::quizzes
