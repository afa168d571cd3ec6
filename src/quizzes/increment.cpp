#include "quizzes/increment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "audience/audience.hpp"
#include "quizzes/idempotency.hpp"
#include "quizzes/quiz.hpp"
#include "quizzes/quiz_store.hpp"

namespace callboard::quizzes {
namespace {

using QuizKey = std::pair<std::string, std::string>;  // of which application

struct TypeKey {
  std::string app_id, quiz, type;
  auto operator<=>(const TypeKey&) const = default;
};

struct KnownType {
  bool one_result_per_user;
  std::int64_t tally;
  std::int64_t added = 0;  // by this batch
};

// From so many of its types on, a quiz is read whole: one answer of the database instead of many.
constexpr std::size_t loaded_whole_from = 4;
constexpr std::size_t added_at_once = 8;

using Addition = std::pair<std::string, std::int64_t>;  // to which type

// One to added_at_once of them in one statement, whose unused places name no type.
void add_to_tallies(db::Transaction& transaction, const QuizKey& quiz,
                    std::span<const Addition> additions) {
  static const std::string sql = [] {
    std::string values;
    for (std::size_t i = 0; i < added_at_once; ++i) {
      values += fmt::format("{}(CAST(${} AS TEXT), CAST(${} AS BIGINT))", i == 0 ? "" : ", ",
                            2 * i + 3, 2 * i + 4);
    }
    return "UPDATE quiz_types SET tally = tally + added.column2 FROM (VALUES " + values +
           ") AS added WHERE app_id = $1 AND quiz = $2 AND type = added.column1";
  }();
  std::array<Addition, added_at_once> all;
  std::ranges::copy(additions, all.begin());
  const auto& [a, b, c, d, e, f, g, h] = all;
  transaction.execute(sql, {quiz.first, quiz.second, a.first, a.second, b.first, b.second, c.first,
                            c.second, d.first, d.second, e.first, e.second, f.first, f.second,
                            g.first, g.second, h.first, h.second});
}

// What an increment would do.
struct Step {
  Counted counted;
  bool is_new_result = false;  // of the user
};

// Under the locks of all its quizzes, so that what it reads stays so. Rows that no such lock covers
// are the idempotency keys: they are taken in order.
class Batch {
 public:
  Batch(db::Transaction& transaction, Timestamp now) : transaction_(transaction), now_(now) {}

  // What many increments need of one quiz, at once.
  void load(std::span<const Increment> increments);
  Outcome count(const Increment& increment);
  void write_tallies();
  void announce();

 private:
  void load_quiz(const QuizKey& quiz);
  KnownType* find(const TypeKey& key);
  Error unknown(const Increment& increment);
  tl::expected<Step, Error> step_of(const Increment& increment, const KnownType& type);
  std::optional<std::string> result_in(const Increment& increment);
  bool has_result(const Increment& increment);
  void apply(const Increment& increment, const Step& step, KnownType& type);
  void replace_result(const Increment& increment, const Step& step);

  db::Transaction& transaction_;
  const Timestamp now_;
  std::map<TypeKey, std::optional<KnownType>> types_;  // nothing: there is no such type
  std::set<QuizKey> users_;                            // who have another result
};

void Batch::load(std::span<const Increment> increments) {
  std::map<QuizKey, std::set<std::string_view>> wanted;
  for (const Increment& each : increments) wanted[{each.app_id, each.quiz}].insert(each.type);
  for (const auto& [quiz, types] : wanted) {
    if (types.size() >= loaded_whole_from) load_quiz(quiz);
  }
}

void Batch::load_quiz(const QuizKey& quiz) {
  transaction_.query(
      "SELECT quiz_types.type, quizzes.one_result_per_user, quiz_types.tally FROM quiz_types"
      " JOIN quizzes ON quizzes.app_id = quiz_types.app_id AND quizzes.quiz = quiz_types.quiz"
      " WHERE quiz_types.app_id = $1 AND quiz_types.quiz = $2",
      {quiz.first, quiz.second}, [&](const db::Row& row) {
        types_.emplace(TypeKey{quiz.first, quiz.second, row.string(0)},
                       KnownType{row.integer(1) != 0, row.integer(2)});
      });
}

KnownType* Batch::find(const TypeKey& key) {
  auto entry = types_.find(key);
  if (entry == types_.end()) {
    const auto known = transaction_.first(
        "SELECT quizzes.one_result_per_user, quiz_types.tally FROM quiz_types JOIN quizzes"
        " ON quizzes.app_id = quiz_types.app_id AND quizzes.quiz = quiz_types.quiz"
        " WHERE quiz_types.app_id = $1 AND quiz_types.quiz = $2 AND quiz_types.type = $3",
        {key.app_id, key.quiz, key.type},
        [](const db::Row& row) { return KnownType{row.integer(0) != 0, row.integer(1)}; });
    entry = types_.emplace(key, known).first;
  }
  return entry->second ? &*entry->second : nullptr;
}

Error Batch::unknown(const Increment& increment) {
  const auto quiz = transaction_.first("SELECT 1 FROM quizzes WHERE app_id = $1 AND quiz = $2",
                                       {increment.app_id, increment.quiz},
                                       [](const db::Row& row) { return row.integer(0); });
  return {ErrorCode::not_found, quiz ? "the quiz has no such type" : "there is no such quiz"};
}

std::optional<std::string> Batch::result_in(const Increment& increment) {
  return transaction_.first(
      "SELECT type FROM quiz_results WHERE app_id = $1 AND user_id = $2 AND quiz = $3 LIMIT 1",
      {increment.app_id, increment.user_id, increment.quiz},
      [](const db::Row& row) { return row.string(0); });
}

bool Batch::has_result(const Increment& increment) {
  return transaction_
      .first(
          "SELECT 1 FROM quiz_results"
          " WHERE app_id = $1 AND user_id = $2 AND quiz = $3 AND type = $4",
          {increment.app_id, increment.user_id, increment.quiz, increment.type},
          [](const db::Row& row) { return row.integer(0); })
      .has_value();
}

tl::expected<Step, Error> Batch::step_of(const Increment& increment, const KnownType& type) {
  Step step;
  step.counted.added = increment.count;
  const bool is_a_users = !increment.user_id.empty();
  if (is_a_users && type.one_result_per_user) {
    if (increment.count != 1) {
      return tl::unexpected(Error(ErrorCode::unprocessable,
                                  "a user has one result in this quiz, so count must be 1"));
    }
    const std::string before = result_in(increment).value_or("");
    step.is_new_result = before != increment.type;
    if (step.is_new_result)
      step.counted.replaced = before;
    else
      step.counted.added = 0;
  } else if (is_a_users) {
    step.is_new_result = !has_result(increment);
  }
  if (type.tally + type.added + step.counted.added > max_tally) {
    return tl::unexpected(Error(ErrorCode::unprocessable, "the tally is full"));
  }
  return step;
}

void Batch::apply(const Increment& increment, const Step& step, KnownType& type) {
  type.added += step.counted.added;
  if (!step.counted.replaced.empty()) {
    KnownType* before = find({increment.app_id, increment.quiz, step.counted.replaced});
    if (before != nullptr && before->tally + before->added > 0) --before->added;
  }
  if (step.is_new_result) replace_result(increment, step);
}

void Batch::replace_result(const Increment& increment, const Step& step) {
  if (!step.counted.replaced.empty()) {
    transaction_.execute(
        "DELETE FROM quiz_results WHERE app_id = $1 AND user_id = $2 AND quiz = $3",
        {increment.app_id, increment.user_id, increment.quiz});
  }
  transaction_.execute(
      "INSERT INTO quiz_results (app_id, user_id, quiz, type, answered_at_ms)"
      " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (app_id, user_id, quiz, type) DO NOTHING",
      {increment.app_id, increment.user_id, increment.quiz, increment.type, unix_ms(now_)});
  users_.emplace(increment.app_id, increment.user_id);
}

Outcome Batch::count(const Increment& increment) {
  KnownType* type = find({increment.app_id, increment.quiz, increment.type});
  const bool has_key = !increment.idempotency_key.empty();
  if (type == nullptr) {
    const auto before = has_key ? find_request(transaction_, increment, now_) : std::nullopt;
    return before ? *before : tl::unexpected(unknown(increment));
  }
  const auto step = step_of(increment, *type);
  if (has_key) {
    // What can't be counted is not remembered, but what was once counted is answered again.
    const auto before = step ? claim_request(transaction_, increment, step->counted, now_)
                             : find_request(transaction_, increment, now_);
    if (before) return *before;
  }
  if (!step) return tl::unexpected(step.error());
  apply(increment, *step, *type);
  return step->counted;
}

void Batch::write_tallies() {
  std::map<QuizKey, std::vector<Addition>> additions;
  for (const auto& [key, type] : types_) {
    if (type && type->added != 0)
      additions[{key.app_id, key.quiz}].emplace_back(key.type, type->added);
  }
  for (const auto& [quiz, all] : additions) {
    std::span<const Addition> rest(all);
    while (!rest.empty()) {
      const auto some = rest.first(std::min(rest.size(), added_at_once));
      add_to_tallies(transaction_, quiz, some);
      rest = rest.subspan(some.size());
    }
  }
}

void Batch::announce() {
  std::set<QuizKey> quizzes;
  for (const auto& [key, type] : types_) {
    if (type && type->added != 0) quizzes.emplace(key.app_id, key.quiz);
  }
  for (const auto& [app_id, quiz] : quizzes) transaction_.announce(app_id, tally_change, quiz);
  for (const auto& [app_id, user_id] : users_) {
    transaction_.announce(app_id, audience::provided_change, user_id);
  }
}

std::vector<std::size_t> order_of_keys(std::span<const Increment> increments) {
  std::vector<std::size_t> order(increments.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](std::size_t i) {
    return std::tie(increments[i].app_id, increments[i].caller, increments[i].idempotency_key);
  });
  return order;
}

void lock_quizzes_of(db::Transaction& transaction, std::span<const Increment> increments) {
  std::set<QuizKey> quizzes;
  for (const Increment& increment : increments) quizzes.emplace(increment.app_id, increment.quiz);
  for (const auto& [app_id, quiz] : quizzes) lock_quiz(transaction, app_id, quiz);
}

}  // namespace

std::vector<Outcome> count_all(db::Transaction& transaction, std::span<const Increment> increments,
                               Timestamp now) {
  lock_quizzes_of(transaction, increments);
  Batch batch(transaction, now);
  batch.load(increments);
  std::vector<Outcome> outcomes(increments.size());
  for (const std::size_t i : order_of_keys(increments)) outcomes[i] = batch.count(increments[i]);
  batch.write_tallies();
  batch.announce();
  // Last, since it waits for nobody, and nobody who comes after it waits either.
  const bool has_keys = std::ranges::any_of(
      increments, [](const Increment& each) { return !each.idempotency_key.empty(); });
  if (has_keys) prune_requests(transaction, increments.size(), now);
  return outcomes;
}

}  // namespace callboard::quizzes
