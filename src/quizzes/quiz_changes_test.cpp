#include "quizzes/quiz_changes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/error.hpp"
#include "tests/support/quizzes.hpp"

namespace callboard::quizzes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class QuizChangesTest : public QuizzesTest {
 protected:
  ErrorCode refusal(const std::function<void(QuizChanges&)>& work) {
    try {
      change(work);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  }
  std::vector<std::string> problems() {
    std::vector<std::string> found;
    database().read([&](db::Transaction& transaction) {
      check_stored(transaction, [&](std::string problem) { found.push_back(std::move(problem)); });
    });
    return found;
  }
};
INSTANTIATE_STORE_TESTS(QuizChangesTest);

TEST_P(QuizChangesTest, KeepTypesInTheirOrder) {
  create("q", {"b", "a"});
  change([](QuizChanges& changes) {
    changes.add_type("q", {.type = "0", .title = "Zero"});
    changes.update_type("q", "b", {.type = "z", .title = "Last"});
    changes.remove_type("q", "a");
  });
  EXPECT_EQ(tallies("q"), "z=0 0=0");
  EXPECT_EQ(quiz("q").types[0].title, "Last");
  EXPECT_EQ(quiz("q").types[1].title, "Zero");
}

TEST_P(QuizChangesTest, ARenamedTypeKeepsItsTallyAndUsers) {
  create("q", {"a", "b"}, /*one_result_per_user=*/true);
  count({by("a", "ann")});
  change([](QuizChanges& changes) {
    changes.update_type("q", "a", {.type = "c", .title = std::nullopt});
  });
  EXPECT_EQ(tallies("q"), "c=1 b=0");
  EXPECT_EQ(results_of_user("ann"), "q/c");
  EXPECT_THAT(texts_of(count({by("b", "ann")})), ElementsAre("+1 for c"));
  EXPECT_EQ(tallies("q"), "c=0 b=1");
}

TEST_P(QuizChangesTest, StartFromZeroAgain) {
  create("q", {"a"}, /*one_result_per_user=*/true);
  count({by("a", "ann"), by("a")});
  change([](QuizChanges& changes) { changes.reset("q"); });
  EXPECT_EQ(tallies("q"), "a=0");
  EXPECT_EQ(results_of_user("ann"), "");
  EXPECT_THAT(texts_of(count({by("a", "ann")})), ElementsAre("+1"));
}

TEST_P(QuizChangesTest, RefuseWhatContradictsWhatIsThere) {
  create("q", {"a", "b"});
  const auto duplicate = [](QuizChanges& changes) { changes.create({.key = "q"}); };
  EXPECT_EQ(refusal(duplicate), ErrorCode::conflict);
  const auto same_type = [](QuizChanges& changes) { changes.add_type("q", {.type = "a"}); };
  EXPECT_EQ(refusal(same_type), ErrorCode::conflict);
  const auto same_name = [](QuizChanges& changes) {
    changes.update_type("q", "a", {.type = "b", .title = std::nullopt});
  };
  EXPECT_EQ(refusal(same_name), ErrorCode::conflict);
  for (const char* action : {"erase", "reset"}) {
    const bool erases = std::string_view(action) == "erase";
    EXPECT_EQ(refusal([&](QuizChanges& changes) {
                erases ? changes.erase("none") : static_cast<void>(changes.reset("none"));
              }),
              ErrorCode::not_found)
        << action;
  }
  const auto no_type = [](QuizChanges& changes) { changes.remove_type("q", "none"); };
  EXPECT_EQ(refusal(no_type), ErrorCode::not_found);
}

TEST_P(QuizChangesTest, KeepTheRuleWhileResultsAreCounted) {
  create("q", {"a"});
  const auto one = [](QuizChanges& changes) {
    changes.update("q", {.title = "T", .one_result_per_user = true});
  };
  count({by("a", "ann")});
  EXPECT_EQ(refusal(one), ErrorCode::conflict);
  change([](QuizChanges& changes) { changes.reset("q"); });
  change(one);
  EXPECT_TRUE(quiz("q").one_result_per_user);
  EXPECT_EQ(quiz("q").title, "T");
}

TEST_P(QuizChangesTest, AreBoundedInNumber) {
  for (std::size_t i = 0; i < max_quizzes_per_app; ++i) create("q" + std::to_string(i), {});
  const auto more = [](QuizChanges& changes) { changes.create({.key = "more"}); };
  EXPECT_EQ(refusal(more), ErrorCode::unprocessable);
  change([](QuizChanges& changes) { changes.erase("q0"); });
  change(more);
  write([&](db::Transaction& transaction) {
    for (std::size_t i = 0; i < max_types_per_quiz; ++i) {
      insert_type(transaction, test_app, "more", {.type = std::to_string(i)});
    }
  });
  const auto type = [](QuizChanges& changes) { changes.add_type("more", {.type = "x"}); };
  EXPECT_EQ(refusal(type), ErrorCode::unprocessable);
}

TEST_P(QuizChangesTest, MakeTheDefaultQuizWhenItIsFirstUsed) {
  change([](QuizChanges& changes) { changes.add_type_to_default({.type = "a"}); });
  change([](QuizChanges& changes) { changes.add_type_to_default({.type = "b"}); });
  EXPECT_EQ(tallies("default"), "a=0 b=0");
}

TEST_P(QuizChangesTest, AreRecorded) {
  create("q", {"a"});
  change([](QuizChanges& changes) { changes.reset("q"); });
  const auto entries = database().get([&](db::Transaction& transaction) {
    audience::AuditQuery query;
    query.workspace_id = "default";
    return audience::list_audit(transaction, query);
  });
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].entry.action, "quiz.reset");
  EXPECT_EQ(entries[0].entry.subject, "quiz/q");
  EXPECT_THAT(entries[1].entry.after, HasSubstr(R"("types":[{"type":"a")"));
}

TEST_P(QuizChangesTest, AreCheckedAtRest) {
  create("q", {"a", "b"}, /*one_result_per_user=*/true);
  count({by("a", "ann")});
  EXPECT_THAT(problems(), ElementsAre());
  execute("UPDATE quiz_types SET tally = -1 WHERE type = 'b'");
  execute(
      "INSERT INTO quiz_results (app_id, user_id, quiz, type, answered_at_ms)"
      " VALUES ('demo', 'ann', 'q', 'b', 0)");
  EXPECT_THAT(problems(), ElementsAre("type b of quiz q of demo: its tally is out of bounds",
                                      "user ann of demo has two results in quiz q"));
}

}  // namespace
}  // namespace callboard::quizzes
