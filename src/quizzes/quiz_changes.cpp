#include "quizzes/quiz_changes.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "quizzes/quiz_json.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

[[noreturn]] void refuse_duplicate(std::string_view type) {
  throw Error(ErrorCode::conflict, "the quiz has a type " + std::string(type) + " already");
}

}  // namespace

Quiz QuizChanges::create(const QuizDraft& draft) {
  lock_quizzes(transaction_, by_.app_id);
  lock_quiz(transaction_, by_.app_id, draft.key);
  if (find_quiz(transaction_, by_.app_id, draft.key)) {
    throw Error(ErrorCode::conflict, "there is a quiz " + draft.key + " already");
  }
  if (count_quizzes(transaction_, by_.app_id) >= max_quizzes_per_app) {
    throw Error(ErrorCode::unprocessable, "the application has its 100 quizzes; delete some first");
  }
  const Quiz quiz{.key = draft.key,
                  .title = draft.title,
                  .one_result_per_user = draft.one_result_per_user,
                  .types = draft.types,
                  .created_at = now_,
                  .updated_at = now_};
  insert_quiz(transaction_, by_.app_id, quiz);
  record("quiz.create", quiz.key, nullptr, &quiz);
  return quiz;
}

Quiz QuizChanges::update(std::string_view key, const QuizRevision& revision) {
  const Quiz before = require(key);
  Quiz after = before;
  after.title = revision.title.value_or(before.title);
  after.one_result_per_user = revision.one_result_per_user.value_or(before.one_result_per_user);
  const bool has_other_rule = after.one_result_per_user != before.one_result_per_user;
  if (has_other_rule && (before.total() > 0 || has_results(transaction_, by_.app_id, before.key))) {
    throw Error(ErrorCode::conflict,
                "one_result_per_user can't change while results are counted; reset them first");
  }
  after.updated_at = now_;
  update_quiz(transaction_, by_.app_id, after);
  return finish("quiz.update", before);
}

void QuizChanges::erase(std::string_view key) {
  const Quiz quiz = require(key);
  delete_quiz(transaction_, by_.app_id, key);
  transaction_.announce(by_.app_id, audience::provided_change, "");
  record("quiz.delete", key, &quiz, nullptr);
}

Quiz QuizChanges::add_type(std::string_view key, const ResultType& type) {
  const Quiz before = require(key);
  if (before.find(type.type) != nullptr) refuse_duplicate(type.type);
  if (before.types.size() >= max_types_per_quiz) {
    throw Error(ErrorCode::unprocessable, "the quiz has its 1000 types; remove some first");
  }
  insert_type(transaction_, by_.app_id, key, type);
  return finish("quiz.add_type", before);
}

Quiz QuizChanges::update_type(std::string_view key, std::string_view type,
                              const TypeRevision& revision) {
  const Quiz before = require(key);
  ResultType changed = require_type(before, type);
  changed.type = revision.type.value_or(changed.type);
  changed.title = revision.title.value_or(changed.title);
  const bool has_other_name = changed.type != type;
  if (has_other_name && before.find(changed.type) != nullptr) refuse_duplicate(changed.type);
  quizzes::update_type(transaction_, by_.app_id, key, type, changed);
  if (has_other_name) transaction_.announce(by_.app_id, audience::provided_change, "");
  return finish("quiz.update_type", before);
}

Quiz QuizChanges::remove_type(std::string_view key, std::string_view type) {
  const Quiz before = require(key);
  require_type(before, type);
  delete_type(transaction_, by_.app_id, key, type);
  transaction_.announce(by_.app_id, audience::provided_change, "");
  return finish("quiz.remove_type", before);
}

Quiz QuizChanges::reset(std::string_view key) {
  const Quiz before = require(key);
  reset_tallies(transaction_, by_.app_id, key);
  transaction_.announce(by_.app_id, audience::provided_change, "");
  return finish("quiz.reset", before);
}

Quiz QuizChanges::add_type_to_default(const ResultType& type) {
  lock_quizzes(transaction_, by_.app_id);
  if (!find_quiz(transaction_, by_.app_id, default_quiz)) {
    create({.key = std::string(default_quiz)});
  }
  return add_type(default_quiz, type);
}

Quiz QuizChanges::require(std::string_view key) {
  lock_quiz(transaction_, by_.app_id, key);
  auto quiz = find_quiz(transaction_, by_.app_id, key);
  if (!quiz) throw Error(ErrorCode::not_found, "there is no such quiz");
  return std::move(*quiz);
}

const ResultType& QuizChanges::require_type(const Quiz& quiz, std::string_view type) {
  const ResultType* found = quiz.find(type);
  if (found == nullptr) throw Error(ErrorCode::not_found, "the quiz has no such type");
  return *found;
}

Quiz QuizChanges::finish(std::string_view action, const Quiz& before) {
  Quiz after = find_quiz(transaction_, by_.app_id, before.key).value();
  after.updated_at = now_;
  update_quiz(transaction_, by_.app_id, after);
  record(action, after.key, &before, &after);
  return after;
}

void QuizChanges::record(std::string_view action, std::string_view key, const Quiz* before,
                         const Quiz* after) {
  audience::AuditEntry entry = by_;
  entry.action = action;
  entry.subject = "quiz/" + std::string(key);
  if (before != nullptr) entry.before = shown(*before);
  if (after != nullptr) entry.after = shown(*after);
  audience::record(transaction_, entry, now_);
}

}  // namespace callboard::quizzes
