#pragma once

// What tests of quizzes share: applications to put them in, and quizzes to put there.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audience/audience.hpp"
#include "quizzes/increment.hpp"
#include "quizzes/quiz_changes.hpp"
#include "quizzes/quiz_store.hpp"
#include "quizzes/quizzes.hpp"
#include "tests/support/applications.hpp"

namespace callboard::quizzes {

class QuizzesTest : public ApplicationsTest {
 protected:
  // Changes quizzes as an operator would.
  template <class Work>
  void change(Work work, std::string_view app = test_app) {
    write([&](db::Transaction& transaction) {
      QuizChanges changes(transaction, audience::command_entry("default", app, "", ""),
                          clock().now());
      work(changes);
    });
  }
  void create(const std::string& key, const std::vector<std::string>& types,
              bool one_result_per_user = false, std::string_view app = test_app) {
    QuizDraft draft{.key = key, .one_result_per_user = one_result_per_user};
    for (const std::string& type : types) draft.types.push_back({.type = type});
    change([&](QuizChanges& changes) { changes.create(draft); }, app);
  }

  std::vector<Outcome> count(const std::vector<Increment>& increments) {
    std::vector<Outcome> outcomes;
    write([&](db::Transaction& transaction) {
      outcomes = count_all(transaction, increments, clock().now());
    });
    return outcomes;
  }
  Quiz quiz(const std::string& key, std::string_view app = test_app) {
    return database()
        .get([&](db::Transaction& transaction) { return find_quiz(transaction, app, key); })
        .value();
  }
  // "a=1 b=2"
  std::string tallies(const std::string& key, std::string_view app = test_app) {
    std::string text;
    for (const ResultType& type : quiz(key, app).types) {
      text += (text.empty() ? "" : " ") + type.type + "=" + std::to_string(type.tally);
    }
    return text;
  }
  // "quiz/type quiz/type", the newest first.
  std::string results_of_user(std::string_view user_id) {
    std::string text;
    for (const UserResult& result : database().get([&](db::Transaction& transaction) {
           return results_of(transaction, test_app, user_id);
         })) {
      text += (text.empty() ? "" : " ") + result.quiz + "/" + result.type;
    }
    return text;
  }
};

inline Increment by(std::string type, std::string user_id = "", std::string key = "") {
  Increment increment{.app_id = std::string(test_app), .quiz = "q", .type = std::move(type)};
  increment.caller = "user:" + user_id;
  increment.user_id = std::move(user_id);
  increment.idempotency_key = std::move(key);
  return increment;
}

// "+1", "+1 for b", "+1 again", or the error's code.
inline std::string text_of(const Outcome& outcome) {
  if (!outcome) return std::string(name_of(outcome.error().code()));
  std::string text = "+" + std::to_string(outcome->added);
  if (!outcome->replaced.empty()) text += " for " + outcome->replaced;
  return outcome->is_repeated ? text + " again" : text;
}
inline std::vector<std::string> texts_of(const std::vector<Outcome>& outcomes) {
  std::vector<std::string> texts;
  for (const Outcome& outcome : outcomes) texts.push_back(text_of(outcome));
  return texts;
}

}  // namespace callboard::quizzes
