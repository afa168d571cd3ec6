#include "quizzes/increment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/support/quizzes.hpp"

namespace callboard::quizzes {
namespace {

using testing::ElementsAre;
using testing::Pair;
using namespace std::chrono_literals;

class IncrementTest : public QuizzesTest {
 protected:
  std::int64_t number(std::string_view sql) {
    return database()
        .get([&](db::Transaction& transaction) {
          return transaction.first(sql, {}, [](const db::Row& row) { return row.integer(0); });
        })
        .value();
  }
};
INSTANTIATE_STORE_TESTS(IncrementTest);

TEST_P(IncrementTest, AddsUpWhatComesTogether) {
  create("q", {"a", "b"});
  Increment many = by("b");
  many.count = max_count;
  EXPECT_THAT(texts_of(count({by("a"), by("a"), many, by("a")})),
              ElementsAre("+1", "+1", "+1000000", "+1"));
  EXPECT_EQ(tallies("q"), "a=3 b=1000000");
}

TEST_P(IncrementTest, AddsToManyTypesAtOnce) {
  std::vector<std::string> types;
  std::vector<Increment> increments;
  std::string expected;
  for (int i = 100; i < 121; ++i) {
    types.push_back("t" + std::to_string(i));
    expected += (i == 100 ? "" : " ") + types.back() + "=" + std::to_string(i == 103 ? 0 : i);
    if (i == 103) continue;
    increments.push_back(by(types.back()));
    increments.back().count = i;
  }
  increments.push_back(by("none"));
  create("q", types);
  EXPECT_EQ(texts_of(count(increments)).back(), "not_found");
  EXPECT_EQ(tallies("q"), expected);
}

TEST_P(IncrementTest, WhatIsUnknownIsNobodyElsesFault) {
  create("q", {"a"});
  create("q", {"b"}, false, "other");
  Increment elsewhere = by("b");
  elsewhere.app_id = "other";
  Increment nowhere = by("a");
  nowhere.quiz = "none";
  Increment of_nothing = by("a", "", "key");
  of_nothing.app_id = "nothing";
  const auto outcomes = count({by("a"), by("b"), elsewhere, nowhere, of_nothing});
  EXPECT_THAT(texts_of(outcomes), ElementsAre("+1", "not_found", "+1", "not_found", "not_found"));
  EXPECT_EQ(outcomes[1].error().message(), "the quiz has no such type");
  EXPECT_EQ(outcomes[3].error().message(), "there is no such quiz");
  EXPECT_EQ(tallies("q"), "a=1");
  EXPECT_EQ(tallies("q", "other"), "b=1");
}

TEST_P(IncrementTest, RemembersWhichResultsAUserHad) {
  create("q", {"a", "b"});
  count({by("a", "ann"), by("a", "ann"), by("b", "ann"), by("b")});
  EXPECT_EQ(tallies("q"), "a=2 b=2");
  EXPECT_EQ(results_of_user("ann"), "q/a q/b");
  EXPECT_EQ(results_of_user("bob"), "");
}

TEST_P(IncrementTest, MovesTheOneResultOfAUser) {
  create("q", {"a", "b", "c"}, /*one_result_per_user=*/true);
  EXPECT_THAT(texts_of(count({by("a", "ann"), by("b", "bob"), by("b", "bob")})),
              ElementsAre("+1", "+1", "+0"));
  EXPECT_EQ(tallies("q"), "a=1 b=1 c=0");
  EXPECT_THAT(texts_of(count({by("c", "ann"), by("b", "ann"), by("a", "ann")})),
              ElementsAre("+1 for a", "+1 for c", "+1 for b"));
  EXPECT_EQ(tallies("q"), "a=1 b=1 c=0");
  EXPECT_EQ(results_of_user("ann"), "q/a");
  Increment many = by("a", "cat");
  many.count = 2;
  EXPECT_THAT(texts_of(count({many, by("a")})), ElementsAre("unprocessable", "+1"));
  EXPECT_EQ(tallies("q"), "a=2 b=1 c=0");
}

TEST_P(IncrementTest, AnswersTheSameRequestAgainWithoutCounting) {
  create("q", {"a", "b"}, /*one_result_per_user=*/true);
  count({by("a", "ann")});
  EXPECT_THAT(texts_of(count({by("b", "ann", "k"), by("b", "ann", "k")})),
              ElementsAre("+1 for a", "+1 for a again"));
  EXPECT_THAT(texts_of(count({by("b", "ann", "k")})), ElementsAre("+1 for a again"));
  EXPECT_EQ(tallies("q"), "a=0 b=1");
  const auto other = count({by("a", "ann", "k")});
  EXPECT_THAT(texts_of(other), ElementsAre("conflict"));
  EXPECT_EQ(other[0].error().message(), "the Idempotency-Key was used for another request");
  EXPECT_THAT(texts_of(count({by("a", "bob", "k")})), ElementsAre("+1")) << "a key of another";
  EXPECT_EQ(tallies("q"), "a=1 b=1");
}

TEST_P(IncrementTest, AnswersAgainWhatCouldNotBeCountedAnyMore) {
  create("q", {"a"});
  count({by("a", "ann", "k")});
  change([](QuizChanges& changes) { changes.remove_type("q", "a"); });
  EXPECT_THAT(texts_of(count({by("a", "ann", "k"), by("a", "ann")})),
              ElementsAre("+1 again", "not_found"));
}

TEST_P(IncrementTest, ForgetsAKeyAfterADay) {
  create("q", {"a"});
  for (int i = 0; i < 300; ++i) count({by("a", "", "k" + std::to_string(i))});
  clock().advance(24h - 1ms);
  EXPECT_THAT(texts_of(count({by("a", "", "k0")})), ElementsAre("+1 again"));
  clock().advance(1ms);
  EXPECT_THAT(texts_of(count({by("a", "", "k0")})), ElementsAre("+1"));
  constexpr auto kept = "SELECT COUNT(*) FROM quiz_requests";
  EXPECT_EQ(number(kept), 300 - 101) << "the oldest go in steps";
  count({by("a", "", "x")});
  count({by("a", "", "y")});
  EXPECT_EQ(number(kept), 3);
}

TEST_P(IncrementTest, KeepsATallyWithinItsBound) {
  create("q", {"a"});
  execute("UPDATE quiz_types SET tally = $1", {max_tally - 1});
  EXPECT_THAT(texts_of(count({by("a"), by("a")})), ElementsAre("+1", "unprocessable"));
  EXPECT_EQ(quiz("q").total(), max_tally);
}

TEST_P(IncrementTest, TellsOncePerQuizAndOfWhomItHasNewsOf) {
  create("q", {"a", "b"});
  std::vector<std::pair<std::string, std::string>> heard;
  database().on_change(
      [&](const db::Change& change) { heard.emplace_back(change.kind, change.key); });
  count({by("a"), by("b"), by("a", "ann"), by("none")});
  EXPECT_THAT(heard, ElementsAre(Pair("tally", "q"), Pair("provided", "ann")));
  heard.clear();
  count({by("a", "ann")});
  EXPECT_THAT(heard, ElementsAre(Pair("tally", "q")));
}

TEST_P(IncrementTest, ShowsAndErasesWhatIsKeptOfAUser) {
  create("q", {"a"});
  count({by("a", "ann", "k"), by("a", "bob", "k")});
  boost::json::object shown;
  std::vector<bool> erased;
  write([&](db::Transaction& transaction) {
    shown = show_quiz_results(transaction, test_app, "ann");
    for (int i = 0; i < 2; ++i) {
      erased.push_back(erase_quiz_results(transaction, test_app, "ann"));
    }
    EXPECT_TRUE(show_quiz_results(transaction, test_app, "ann").empty());
  });
  EXPECT_EQ(shown["quiz_results"].as_array()[0].as_object()["type"], "a");
  EXPECT_THAT(erased, ElementsAre(true, false));
  EXPECT_EQ(tallies("q"), "a=2");
  EXPECT_EQ(results_of_user("bob"), "q/a");
  EXPECT_EQ(number("SELECT COUNT(*) FROM quiz_requests"), 1);
}

}  // namespace
}  // namespace callboard::quizzes
