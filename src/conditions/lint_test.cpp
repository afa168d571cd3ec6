#include "conditions/lint.hpp"

#include <gtest/gtest.h>

#include "tests/support/conditions.hpp"

namespace callboard::conditions {
namespace {

using testing::leaf;
using testing::parsed;

std::string group(const std::string& logic, const std::string& children) {
  return R"({"logic":")" + logic + R"(","conditions":[)" + children + "]}";
}

// "pointer: message" of each warning, on lines of their own.
std::string warnings_of(const std::string& condition) {
  std::string text;
  for (const auto& [pointer, message] : lint(parsed(condition)))
    text += (text.empty() ? "" : "\n") + pointer + ": " + message;
  return text;
}

const std::string exists = R"({"variable":"x","logic":"exists"})";
const std::string not_exists = R"({"variable":"x","logic":"not_exists"})";

TEST(Lint, FindsWhatIsAlwaysFalse) {
  const std::string contradictions[] = {
      leaf("number", "<", "10") + "," + leaf("number", ">", "20"),
      leaf("number", "<", "10") + "," + leaf("number", ">=", "10"),
      leaf("number", "==", "1") + "," + leaf("number", "==", "2"),
      leaf("number", "==", "1") + "," + leaf("number", "!=", "1"),
      leaf("version", "<", "\"1.2\"") + "," + leaf("version", ">", "\"1.2.0\""),
      leaf("datetime", "before", "5") + "," + leaf("datetime", "after", "5"),
      leaf("boolean", "==", "true") + "," + leaf("boolean", "==", "false"),
      leaf("string", "==", "\"a\"") + "," + leaf("string", "in", "[\"b\",\"c\"]"),
      leaf("string", "in", "[\"a\"]") + "," + leaf("string", "not_in", "[\"a\"]"),
      leaf("number", ">", "1") + "," + not_exists,
      leaf("string", "matches", "\"a\"") + "," + group("!", leaf("string", "matches", "\"a\"")),
      leaf("string", "contains", "\"a\"") + "," + leaf("string", "not_contains", "\"a\""),
      exists + "," + not_exists,
  };
  for (const std::string& parts : contradictions)
    EXPECT_EQ(warnings_of(group("&&", parts)), ": is always false") << parts;
}

TEST(Lint, FindsWhatIsAlwaysTrue) {
  const std::string tautologies[] = {
      exists + "," + not_exists,
      exists + "," + leaf("number", "!=", "1"),
      not_exists + R"(,{"variable":"y","logic":"exists"},)" + exists,
      leaf("number", "==", "1") + "," + group("!", leaf("number", "==", "1")),
      leaf("string", "contains", "\"a\"") + "," + group("!", leaf("string", "contains", "\"a\"")),
  };
  for (const std::string& parts : tautologies)
    EXPECT_EQ(warnings_of(group("||", parts)), ": is always true") << parts;
}

TEST(Lint, ReportsConstantsWhereTheyStand) {
  const std::string never = group("&&", leaf("number", "<", "1") + "," + leaf("number", ">", "2"));
  EXPECT_EQ(warnings_of(group("||", R"({"variable":"y","logic":"exists"},)" + never)),
            "/conditions/1: is always false");
  EXPECT_EQ(warnings_of(group("||", exists + "," + leaf("number", "in", "[]"))),
            "/conditions/1: is always false");
  EXPECT_EQ(warnings_of(group("&&", leaf("percent", "rollout", "0"))),
            "/conditions/0: is always false");
}

TEST(Lint, SaysNothingAboutWhatCanGoEitherWay) {
  const std::string fine[] = {
      "{}",
      group("&&", leaf("number", ">", "10") + "," + leaf("number", "<", "20")),
      group("&&", leaf("number", ">=", "10") + "," + leaf("number", "<=", "10")),
      // An array can be in both lists.
      group("&&", leaf("string", "in", "[\"a\"]") + "," + leaf("string", "in", "[\"b\"]")),
      // A missing value is neither; a malformed one is not either.
      group("||", leaf("number", "<", "10") + "," + leaf("number", ">=", "10")),
      group("||", leaf("number", "==", "1") + "," + leaf("number", "!=", "1")),
      group("&&", leaf("number", "!=", "1") + "," + leaf("number", "!=", "2")),
      group("&&", leaf("string", "contains", "\"a\"") + "," + leaf("string", "contains", "\"b\"")),
      group("||",
            leaf("string", "contains", "\"a\"") + "," + leaf("string", "not_contains", "\"a\"")),
      group("!", leaf("number", "<", "10")),
      group("&&", leaf("number", "!=", "1") + "," + not_exists),
  };
  for (const std::string& condition : fine) EXPECT_EQ(warnings_of(condition), "") << condition;
}

TEST(Lint, FindsTheSameLeafTwice) {
  EXPECT_EQ(warnings_of(group("||", leaf("number", "==", "1") + "," + exists + "," +
                                        leaf("number", "==", "1.0"))),
            "/conditions/2: the same condition as /conditions/0");
}

TEST(Lint, NamesVariablesThatNobodyHas) {
  const auto warnings =
      lint(parsed(group("&&", exists + R"(,{"variable":"agee","logic":"exists"})")),
           [](std::string_view name) { return name == "x"; });
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].pointer, "/conditions/1/variable");
  EXPECT_EQ(warnings[0].message, "no stored user has \"agee\"");
}

}  // namespace
}  // namespace callboard::conditions
