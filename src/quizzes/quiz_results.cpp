#include "quizzes/quiz_results.hpp"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "quizzes/caller.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

namespace json = boost::json;

conditions::Value::Array result_names(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view user_id) {
  conditions::Value::Array names;
  for (const UserResult& result : results_of(transaction, app_id, user_id)) {
    names.emplace_back(result.quiz + "/" + result.type);
  }
  return names;
}

}  // namespace

std::unique_ptr<audience::DataProvider> quiz_results_provider(db::Database& database,
                                                              const Clock& clock,
                                                              Metrics& metrics) {
  return audience::list_provider(
      {.name = "quizzes",
       .variable = {"quiz_results", "list", "The results that the user had in quizzes: QUIZ/TYPE"},
       .max_bytes = quiz_results_bytes,
       .read = result_names},
      database, clock, metrics);
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
