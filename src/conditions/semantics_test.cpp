// The rules of docs/conditions.md, one by one.

#include <gtest/gtest.h>

#include "tests/support/conditions.hpp"

namespace callboard::conditions {
namespace {

using testing::holds;
using testing::leaf;

// Each operator, with a target that it takes.
const std::pair<std::string, bool> every_leaf[] = {
    // leaf, whether it is true of a missing variable (rule 3)
    {leaf("string", "==", "\"a\""), false},
    {leaf("string", "!=", "\"a\""), true},
    {leaf("string", "in", "[\"a\"]"), false},
    {leaf("string", "not_in", "[\"a\"]"), true},
    {leaf("string", "contains", "\"a\""), false},
    {leaf("string", "not_contains", "\"a\""), true},
    {leaf("string", "starts_with", "\"a\""), false},
    {leaf("string", "ends_with", "\"a\""), false},
    {leaf("string", "matches", "\"a\""), false},
    {leaf("number", "==", "1"), false},
    {leaf("number", "!=", "1"), true},
    {leaf("number", "<", "1"), false},
    {leaf("number", "<=", "1"), false},
    {leaf("number", ">", "1"), false},
    {leaf("number", ">=", "1"), false},
    {leaf("number", "in", "[1]"), false},
    {leaf("number", "not_in", "[1]"), true},
    {leaf("boolean", "==", "true"), false},
    {leaf("boolean", "!=", "true"), true},
    {leaf("version", "==", "\"1\""), false},
    {leaf("version", "!=", "\"1\""), true},
    {leaf("version", "<", "\"1\""), false},
    {leaf("version", ">=", "\"1\""), false},
    {leaf("version", "in", "[\"1\"]"), false},
    {leaf("version", "not_in", "[\"1\"]"), true},
    {leaf("datetime", "<", "0"), false},
    {leaf("datetime", ">=", "0"), false},
    {leaf("percent", "rollout", "100"), false},
};

TEST(Semantics, MissingAndNullAreTrueOnlyOfNegativeOperators) {
  for (const auto& [condition, expected] : every_leaf) {
    EXPECT_EQ(holds(condition, ""), expected) << condition;
    EXPECT_EQ(holds(condition, "null"), expected) << condition;
  }
}

TEST(Semantics, PresentButMalformedIsFalseAlsoForNegativeOperators) {
  for (const auto& [condition, unused] : every_leaf) {
    EXPECT_FALSE(holds(condition, "{}")) << condition;
    EXPECT_FALSE(holds(condition, R"({"a":1})")) << condition;
  }
  for (const std::string op : {"==", "!="}) {
    EXPECT_FALSE(holds(leaf("number", op, "1"), "\"abc\"")) << op;
    EXPECT_FALSE(holds(leaf("number", op, "1"), "true")) << op;
    EXPECT_FALSE(holds(leaf("string", op, "\"1\""), "2")) << op;
    EXPECT_FALSE(holds(leaf("string", op, "\"true\""), "false")) << op;
    EXPECT_FALSE(holds(leaf("boolean", op, "true"), "1")) << op;
    EXPECT_FALSE(holds(leaf("boolean", op, "true"), "\"no\"")) << op;
    EXPECT_FALSE(holds(leaf("version", op, "\"1.2\""), "1.3")) << op;
    EXPECT_FALSE(holds(leaf("version", op, "\"1.2\""), "\"1.2.3.4\"")) << op;
  }
  EXPECT_FALSE(holds(leaf("number", "not_in", "[1]"), "\"abc\""));
  EXPECT_FALSE(holds(leaf("string", "not_contains", "\"a\""), "5"));
  EXPECT_FALSE(holds(leaf("datetime", "<", "0"), "\"2024-01-01\""));
  EXPECT_FALSE(holds(leaf("datetime", ">", "0"), "\"1700000000\""));
  EXPECT_FALSE(holds(leaf("percent", "rollout", "100"), "true"));
}

TEST(Semantics, ExistsAsksOnlyForPresence) {
  const std::string exists = R"({"variable":"x","logic":"exists"})";
  const std::string not_exists = R"({"variable":"x","logic":"not_exists"})";
  for (const std::string_view value : {"0", "\"\"", "false", "[]", "{}", "\"a\""}) {
    EXPECT_TRUE(holds(exists, value)) << value;
    EXPECT_FALSE(holds(not_exists, value)) << value;
  }
  for (const std::string_view value : {"", "null"}) {
    EXPECT_FALSE(holds(exists, value)) << value;
    EXPECT_TRUE(holds(not_exists, value)) << value;
  }
}

TEST(Semantics, NumbersCompareAsDoubles) {
  for (const std::string_view twelve : {"12", "12.0", "1.2e1", "\"12\"", "\"12.0\"", "\"1.2e1\""}) {
    EXPECT_TRUE(holds(leaf("number", "==", "12"), twelve)) << twelve;
    EXPECT_FALSE(holds(leaf("number", "!=", "12.0"), twelve)) << twelve;
    EXPECT_TRUE(holds(leaf("number", "<=", "12"), twelve)) << twelve;
    EXPECT_TRUE(holds(leaf("number", ">=", "12"), twelve)) << twelve;
    EXPECT_FALSE(holds(leaf("number", "<", "12"), twelve)) << twelve;
    EXPECT_FALSE(holds(leaf("number", ">", "12"), twelve)) << twelve;
    EXPECT_TRUE(holds(leaf("number", "in", "[1,12]"), twelve)) << twelve;
    EXPECT_FALSE(holds(leaf("number", "not_in", "[1,12]"), twelve)) << twelve;
  }
  EXPECT_TRUE(holds(leaf("number", "<", "10"), "9"));
  EXPECT_TRUE(holds(leaf("number", "<", "10"), "\"9\""));  // not by text
  EXPECT_TRUE(holds(leaf("number", "==", "0"), "-0.0"));
  EXPECT_FALSE(holds(leaf("number", "==", "0.3"), "0.30000000000000004"));  // no epsilon
  EXPECT_TRUE(holds(leaf("number", "==", "0.1234567890123456"), "\"0.1234567890123456\""));
  for (const std::string_view bad :
       {"\"\"", "\" 12\"", "\"0x0c\"", "\"NaN\"", "\"Infinity\"", "1e400"})
    EXPECT_FALSE(holds(leaf("number", "!=", "1"), bad)) << bad;
}

TEST(Semantics, BooleansAreTrueOrFalse) {
  for (const std::string_view yes : {"true", "\"true\""}) {
    EXPECT_TRUE(holds(leaf("boolean", "==", "true"), yes));
    EXPECT_TRUE(holds(leaf("boolean", "!=", "false"), yes));
    EXPECT_FALSE(holds(leaf("boolean", "==", "false"), yes));
  }
  for (const std::string_view bad : {"1", "0", "\"True\"", "\"\"", "[]", "[true]"}) {
    EXPECT_FALSE(holds(leaf("boolean", "==", "true"), bad)) << bad;
    EXPECT_FALSE(holds(leaf("boolean", "!=", "true"), bad)) << bad;
  }
}

TEST(Semantics, StringsCompareBytes) {
  EXPECT_TRUE(holds(leaf("string", "==", "\"Tainan\""), "\"Tainan\""));
  EXPECT_FALSE(holds(leaf("string", "==", "\"Tainan\""), "\"tainan\""));
  EXPECT_TRUE(holds(leaf("string", "contains", "\"ain\""), "\"Tainan\""));
  EXPECT_FALSE(holds(leaf("string", "not_contains", "\"ain\""), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "not_contains", "\"AIN\""), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "starts_with", "\"Tai\""), "\"Tainan\""));
  EXPECT_FALSE(holds(leaf("string", "starts_with", "\"nan\""), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "ends_with", "\"nan\""), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "contains", "\"\""), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "in", R"(["a","\u0000b"])"), R"("\u0000b")"));
  EXPECT_TRUE(holds(leaf("string", "contains", R"(["x","ai"])"), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "starts_with", R"(["x","T"])"), "\"Tainan\""));
  EXPECT_TRUE(holds(leaf("string", "ends_with", R"(["x","n"])"), "\"Tainan\""));
  EXPECT_FALSE(holds(leaf("string", "contains", "[]"), "\"Tainan\""));
}

TEST(Semantics, CaseCanBeIgnored) {
  const std::string more = R"(,"ignore_case":true)";
  EXPECT_TRUE(holds(leaf("string", "==", "\"TAINAN\"", more), "\"tainan\""));
  EXPECT_FALSE(holds(leaf("string", "!=", "\"TAINAN\"", more), "\"tainan\""));
  EXPECT_TRUE(holds(leaf("string", "in", "[\"ÉCLAIR\"]", more), "\"éclair\""));
  EXPECT_TRUE(holds(leaf("string", "contains", "\"ΣΟΦ\"", more), "\"φιλοσοφία\""));
  EXPECT_TRUE(holds(leaf("string", "starts_with", "\"мос\"", more), "\"МОСКВА\""));
  EXPECT_TRUE(holds(leaf("string", "ends_with", "\"KVA\"", more), "\"Moskva\""));
  EXPECT_TRUE(holds(leaf("string", "not_contains", "\"x\"", more), "\"abc\""));
  EXPECT_TRUE(holds(leaf("string", "matches", "\"^é\"", more), "\"École\""));
  EXPECT_TRUE(holds(leaf("string", "contains", "\"VIP\"", more), "[\"vip\"]"));
  EXPECT_FALSE(holds(leaf("string", "==", "\"A\"", R"(,"ignore_case":false)"), "\"a\""));
}

TEST(Semantics, VersionsFollowPrecedence) {
  EXPECT_TRUE(holds(leaf("version", ">=", "\"1.2.3\""), "\"1.10.0\""));
  EXPECT_TRUE(holds(leaf("version", "==", "\"1.2\""), "\"v1.2.0+build\""));
  EXPECT_TRUE(holds(leaf("version", "in", "[\"2\",\"1.2\"]"), "\"1.2.0\""));
  EXPECT_FALSE(holds(leaf("version", "not_in", "[\"2\",\"1.2\"]"), "\"1.2.0\""));
  // Pre-releases come before their release, and take part in ranges.
  EXPECT_TRUE(holds(leaf("version", "<", "\"1.2.0\""), "\"1.2.0-rc\""));
  EXPECT_TRUE(holds(leaf("version", ">", "\"1.1.9\""), "\"1.2.0-rc\""));
  EXPECT_FALSE(holds(leaf("version", ">=", "\"1.2\""), "\"1.2-rc\""));
  EXPECT_TRUE(
      holds(leaf("version", ">", "\"1.2.99999999999999999999\""), "\"1.2.100000000000000000000\""));
}

TEST(Semantics, DatetimesCompareInstants) {
  const std::string start = leaf("datetime", ">=", "\"2023-11-14T22:13:20Z\"");
  EXPECT_TRUE(holds(start, "1700000000"));
  EXPECT_TRUE(holds(start, "\"2023-11-15T06:13:20+08:00\""));
  EXPECT_FALSE(holds(start, "1699999999.999"));
  EXPECT_FALSE(holds(start, "\"2023-11-14T22:13:19.999999999Z\""));
  EXPECT_TRUE(holds(leaf("datetime", "before", "1700000000.5"), "1700000000.25"));
  EXPECT_TRUE(holds(leaf("datetime", "after", "1700000000.5"), "\"2023-11-14T22:13:20.500001Z\""));
  EXPECT_FALSE(holds(leaf("datetime", ">", "\"2023-11-14T22:13:20.123Z\""), "1700000000.123"));
  EXPECT_TRUE(holds(leaf("datetime", "<=", "\"2023-11-14T22:13:20.123Z\""), "1700000000.123"));
  EXPECT_FALSE(holds(leaf("datetime", "<=", "0"), "[0]"));
}

TEST(Semantics, ArraysAreForListsAndMembership) {
  EXPECT_TRUE(holds(leaf("string", "in", "[\"b\",\"c\"]"), "[\"a\",\"b\"]"));
  EXPECT_FALSE(holds(leaf("string", "in", "[\"b\",\"c\"]"), "[\"a\"]"));
  EXPECT_TRUE(holds(leaf("string", "not_in", "[\"b\"]"), "[\"a\",\"c\"]"));
  EXPECT_FALSE(holds(leaf("string", "not_in", "[\"b\"]"), "[\"a\",\"b\"]"));
  EXPECT_FALSE(holds(leaf("number", "in", "[1]"), "[]"));
  EXPECT_TRUE(holds(leaf("number", "not_in", "[1]"), "[]"));
  EXPECT_TRUE(holds(leaf("number", "in", "[1]"), "[true,null,\"x\",\"1.0\"]"));
  EXPECT_TRUE(holds(leaf("number", "not_in", "[1]"), "[true,null,[1],{}]"));
  EXPECT_TRUE(holds(leaf("version", "in", "[\"1.0\"]"), "[\"v1\"]"));
  EXPECT_TRUE(holds(leaf("string", "contains", "\"ab\""), "[\"x\",\"ab\"]"));
  EXPECT_FALSE(holds(leaf("string", "contains", "\"a\""), "[\"x\",\"ab\"]"));  // not substrings
  EXPECT_TRUE(holds(leaf("string", "contains", "[\"q\",\"ab\"]"), "[\"x\",\"ab\"]"));
  EXPECT_TRUE(holds(leaf("string", "not_contains", "\"a\""), "[\"x\",\"ab\"]"));
  EXPECT_FALSE(holds(leaf("string", "not_contains", "\"ab\""), "[\"x\",\"ab\"]"));
  for (const std::string op : {"==", "!=", "starts_with", "ends_with", "matches"})
    EXPECT_FALSE(holds(leaf("string", op, "\"a\""), "[\"a\"]")) << op;
  for (const std::string op : {"==", "!=", "<", "<=", ">", ">="})
    EXPECT_FALSE(holds(leaf("number", op, "1"), "[1]")) << op;
  EXPECT_FALSE(holds(leaf("percent", "rollout", "100"), "[\"a\"]"));
}

TEST(Semantics, EmptyListsHoldNothing) {
  for (const std::string_view value : {"\"a\"", "[\"a\"]", "[]"}) {
    EXPECT_FALSE(holds(leaf("string", "in", "[]"), value)) << value;
    EXPECT_TRUE(holds(leaf("string", "not_in", "[]"), value)) << value;
  }
  EXPECT_FALSE(holds(leaf("number", "in", "[]"), ""));
  EXPECT_TRUE(holds(leaf("number", "not_in", "[]"), ""));
}

TEST(Semantics, PatternsAreNotAnchored) {
  EXPECT_TRUE(holds(leaf("string", "matches", R"("b+")"), "\"abbc\""));
  EXPECT_FALSE(holds(leaf("string", "matches", R"("^b+$")"), "\"abbc\""));
  EXPECT_TRUE(holds(leaf("string", "matches", R"("^台.$")"), "\"台南\""));
}

TEST(Semantics, RolloutNeedsAKey) {
  const std::string all = leaf("percent", "rollout", "100", R"(,"group":"g")");
  EXPECT_TRUE(holds(all, "\"user\""));
  EXPECT_TRUE(holds(all, "\"\""));
  EXPECT_TRUE(holds(all, "17"));
  EXPECT_FALSE(holds(leaf("percent", "rollout", "0"), "\"user\""));
  EXPECT_FALSE(holds(all, "true"));
}

TEST(Semantics, RolloutKeyOfANumberIsItsShortestText) {
  for (int percent = 0; percent <= 100; percent += 5) {
    const std::string some = leaf("percent", "rollout", std::to_string(percent), R"(,"group":"g")");
    EXPECT_EQ(holds(some, "100000"), holds(some, "\"100000\"")) << percent;
    EXPECT_EQ(holds(some, "100000.0"), holds(some, "\"100000\"")) << percent;
    EXPECT_EQ(holds(some, "0.5"), holds(some, "\"0.5\"")) << percent;
  }
}

TEST(Semantics, RaisingARolloutOnlyAddsPeople) {
  for (int user = 0; user < 40; ++user) {
    const std::string id = "\"user-" + std::to_string(user) + '"';
    bool was_in = false;
    for (const std::string_view percent :
         {"0", "0.01", "0.5", "1", "2.25", "10", "33.33", "50", "50.01", "77", "99.99", "100"}) {
      const bool is_in = holds(leaf("percent", "rollout", percent, R"(,"group":"g")"), id);
      EXPECT_TRUE(is_in || !was_in) << id << " " << percent;
      was_in = is_in;
    }
    EXPECT_TRUE(was_in);
  }
}

TEST(Semantics, RolloutUsesTheConditionsGroup) {
  const auto condition = testing::parsed(leaf("percent", "rollout", "50"));
  int different = 0;
  for (int user = 0; user < 100; ++user) {
    const testing::Variables variables("{\"x\":" + std::to_string(user) + "}");
    different += evaluate(condition.with_rollout_group("1"), variables.lookup()) !=
                 evaluate(condition.with_rollout_group("2"), variables.lookup());
  }
  EXPECT_GT(different, 20);
}

TEST(Semantics, GroupsCombine) {
  const std::string yes = leaf("number", "==", "1");
  const std::string no = leaf("number", "==", "2");
  const auto group = [](const std::string& logic, const std::string& children) {
    return R"({"logic":")" + logic + R"(","conditions":[)" + children + "]}";
  };
  EXPECT_TRUE(holds(group("&&", yes + "," + yes), "1"));
  EXPECT_FALSE(holds(group("&&", yes + "," + no), "1"));
  EXPECT_TRUE(holds(group("||", no + "," + yes), "1"));
  EXPECT_FALSE(holds(group("||", no + "," + no), "1"));
  EXPECT_TRUE(holds(group("!", no), "1"));
  EXPECT_FALSE(holds(group("!", group("!", no)), "1"));
  // Not the same as the negative operator: a malformed value makes the leaf false.
  EXPECT_TRUE(holds(group("!", yes), "\"abc\""));
  EXPECT_FALSE(holds(leaf("number", "!=", "1"), "\"abc\""));
}

TEST(Semantics, EvaluationStopsEarly) {
  const auto condition = testing::parsed(R"({"logic":"&&","conditions":[
      {"variable":"a","logic":"exists"},{"variable":"b","logic":"exists"}]})");
  int asked = 0;
  EXPECT_FALSE(evaluate(condition, [&](std::string_view) { return ++asked, nullptr; }));
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace callboard::conditions
