#include "conditions/matcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/conditions.hpp"

namespace callboard::conditions {
namespace {

using testing::leaf;
using testing::parsed;
using testing::Variables;

std::vector<std::uint32_t> match(const Matcher& matcher, const Variables& variables,
                                 Matcher::Scratch& scratch) {
  std::vector<const Value*> slots;
  for (const std::string& name : matcher.variables()) slots.push_back(variables.find(name));
  std::vector<std::uint32_t> matched;
  matcher.match(slots, scratch, matched);
  return matched;
}

std::vector<std::uint32_t> match(const std::vector<Condition>& conditions,
                                 std::string_view variables) {
  Matcher::Scratch scratch;
  return match(Matcher(conditions), Variables(variables), scratch);
}

using Ids = std::vector<std::uint32_t>;

// `count` conditions `x < i`, so many that an index is built.
std::vector<Condition> staircase(int count) {
  std::vector<Condition> conditions;
  for (int i = 0; i < count; ++i)
    conditions.push_back(parsed(leaf("number", "<", std::to_string(i))));
  return conditions;
}

TEST(Matcher, OfNothingMatchesNothing) {
  EXPECT_EQ(match({}, "{}"), Ids{});
}

TEST(Matcher, TakesEveryoneForEveryone) {
  EXPECT_EQ(match({Condition(), Condition()}, R"({"x":1})"), (Ids{0, 1}));
  auto conditions = staircase(20);
  conditions.insert(conditions.begin(), Condition());
  EXPECT_EQ(match(conditions, R"({"x":100})"), Ids{0});
}

TEST(Matcher, WorksAtEveryThreshold) {
  const Matcher matcher(staircase(2'000));
  Matcher::Scratch scratch;
  for (int x = -1; x < 2'000; ++x) {
    const Variables variables("{\"x\":" + std::to_string(x) + "}");
    EXPECT_EQ(match(matcher, variables, scratch).size(), std::size_t(std::min(1'999 - x, 2'000)))
        << x;
  }
}

TEST(Matcher, SharesVariablesAndPredicates) {
  const Matcher matcher(std::vector<Condition>{
      parsed(R"({"logic":"&&","conditions":[{"variable":"b","logic":"exists"},
                                            {"variable":"a","logic":"exists"}]})"),
      parsed(R"({"variable":"b","logic":"exists"})")});
  EXPECT_THAT(matcher.variables(), ::testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(matcher.size(), 2u);
}

TEST(Matcher, KeepsTheRolloutsOfDifferentGroupsApart) {
  const Condition half = parsed(leaf("percent", "rollout", "50"));
  std::vector<Condition> conditions;
  for (int i = 0; i < 200; ++i) conditions.push_back(half.with_rollout_group(std::to_string(i)));
  const Ids matched = match(conditions, R"({"x":"somebody"})");
  EXPECT_GT(matched.size(), 60u);
  EXPECT_LT(matched.size(), 140u);
  const Variables variables(R"({"x":"somebody"})");
  for (std::uint32_t i = 0; i < 200; ++i)
    EXPECT_EQ(evaluate(conditions[i], variables.lookup()), std::ranges::count(matched, i) == 1);
}

TEST(Matcher, LooksIntoArrays) {
  auto conditions = staircase(20);
  for (int i = 0; i < 20; ++i)
    conditions.push_back(parsed(leaf("number", "in", "[" + std::to_string(i) + "]")));
  EXPECT_EQ(match(conditions, R"({"x":[3,7,"x"]})"), (Ids{23, 27}));
  EXPECT_EQ(match(conditions, R"({"x":[]})"), Ids{});
}

TEST(Matcher, TakesLongLists) {
  std::vector<Condition> conditions;
  for (int i = 0; i < 50; ++i) {
    std::string list = "[";
    for (int j = 0; j < 1'000; ++j) list += "\"" + std::to_string(i * 500 + j) + "\",";
    list.back() = ']';
    conditions.push_back(parsed(leaf("string", "in", list)));
  }
  EXPECT_EQ(match(conditions, R"({"x":"2750"})"), (Ids{4, 5}));
  EXPECT_EQ(match(conditions, R"({"x":"nobody"})"), Ids{});
}

TEST(Matcher, MaySpreadOverThreads) {
  const Matcher matcher(staircase(500));
  const auto work = [&] {
    Matcher::Scratch scratch;
    for (int x = 0; x < 500; ++x) {
      const Variables variables("{\"x\":" + std::to_string(x) + "}");
      ASSERT_EQ(match(matcher, variables, scratch).size(), std::size_t(499 - x));
    }
  };
  std::thread other(work);
  work();
  other.join();
}

TEST(Matcher, KnowsWhenNowChangesAnAnswer) {
  const auto now_leaf = [](const std::string& logic, const std::string& target,
                           const std::string& type) {
    return parsed(R"({"variable":"now","logic":")" + logic + R"(","target":)" + target +
                  R"(,"target_type":")" + type + "\"}");
  };
  const Matcher matcher(std::vector<Condition>{
      now_leaf("<", "\"2023-11-14T22:13:20Z\"", "datetime"),
      now_leaf(">", "1700000010.0005", "datetime"), now_leaf("<=", "1700000020", "number"),
      parsed(leaf("datetime", "<", "1600000000"))});
  constexpr std::int64_t base_ms = 1'700'000'000'000;
  EXPECT_EQ(matcher.next_edge_after(0), base_ms);
  EXPECT_EQ(matcher.next_edge_after(base_ms), base_ms + 1);
  EXPECT_EQ(matcher.next_edge_after(base_ms + 1), base_ms + 10'001);
  EXPECT_EQ(matcher.next_edge_after(base_ms + 10'001), base_ms + 20'000);
  EXPECT_EQ(matcher.next_edge_after(base_ms + 20'000), base_ms + 20'001);
  EXPECT_EQ(matcher.next_edge_after(base_ms + 20'001), std::nullopt);
  EXPECT_EQ(Matcher(staircase(3)).next_edge_after(0), std::nullopt);
}

TEST(Matcher, AnswersHoldBetweenEdges) {
  std::vector<Condition> conditions;
  for (const std::string logic : {"<", "<=", ">", ">="}) {
    for (const std::string target :
         {"1700000000", "1700000000.005", "\"2023-11-14T22:13:20.0071Z\""})
      conditions.push_back(parsed(R"({"variable":"now","logic":")" + logic + R"(","target":)" +
                                  target + R"(,"target_type":"datetime"})"));
  }
  const Matcher matcher(conditions);
  Matcher::Scratch scratch;
  const auto matched_at = [&](std::int64_t unix_ms) {
    const Value now(static_cast<double>(unix_ms) / 1'000);
    const Value* slot = &now;
    Ids matched;
    matcher.match({&slot, 1}, scratch, matched);
    return matched;
  };
  std::int64_t edge_ms = 1'699'999'999'990;
  for (std::int64_t ms = edge_ms; ms < 1'700'000'000'020; ++ms) {
    if (matcher.next_edge_after(ms - 1) == ms) edge_ms = ms;
    EXPECT_EQ(matched_at(ms), matched_at(edge_ms)) << ms;
  }
}

TEST(Matcher, ARolloutByTheClockNeverHoldsStill) {
  const Matcher matcher(std::vector<Condition>{
      parsed(R"({"variable":"now","logic":"rollout","target":50,"target_type":"percent"})")});
  EXPECT_EQ(matcher.next_edge_after(5), 6);
}

}  // namespace
}  // namespace callboard::conditions
