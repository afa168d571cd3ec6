#include "conditions/explain.hpp"

#include <gtest/gtest.h>

#include "tests/support/conditions.hpp"

namespace callboard::conditions {
namespace {

using testing::leaf;
using testing::parsed;
using testing::Variables;

boost::json::object explained(const std::string& condition, std::string_view variables) {
  return explain(parsed(condition), Variables(variables).lookup(),
                 [](std::string_view name) { return name == "x" ? "attributes" : ""; });
}

std::string why(const std::string& condition, std::string_view variables) {
  return std::string(explained(condition, variables).at("why").as_string());
}

TEST(Explain, ShowsTheWholeTree) {
  const std::string condition =
      R"({"logic":"||","conditions":[)" + leaf("number", "<", "10") +
      R"(,{"logic":"!","conditions":[{"variable":"y","logic":"exists"}]}]})";
  EXPECT_EQ(to_json_text(explained(condition, R"({"x":9.5})")),
            R"({"logic":"||","result":true,"conditions":[)"
            R"({"variable":"x","logic":"<","target":10,"target_type":"number","value":9.5,)"
            R"("provider":"attributes","result":true,"why":"holds"},)"
            R"({"logic":"!","result":true,"conditions":[)"
            R"({"variable":"y","logic":"exists","value":null,"provider":null,"result":false,)"
            R"("why":"does not hold"}]}]})");
}

TEST(Explain, OfEveryoneIsTrue) {
  EXPECT_EQ(to_json_text(explained("{}", "{}")), R"({"logic":"&&","result":true,"conditions":[]})");
}

TEST(Explain, SaysWhy) {
  EXPECT_EQ(why(leaf("number", "==", "1"), "{}"), "missing");
  EXPECT_EQ(why(leaf("number", "!=", "1"), R"({"x":null})"), "missing");
  EXPECT_EQ(why(leaf("number", "==", "1"), R"({"x":1})"), "holds");
  EXPECT_EQ(why(leaf("number", "==", "1"), R"({"x":2})"), "does not hold");
  EXPECT_EQ(why(leaf("number", "==", "1"), R"({"x":"abc"})"), "malformed: not a number");
  EXPECT_EQ(why(leaf("string", "==", "\"1\""), R"({"x":1})"), "malformed: not a string");
  EXPECT_EQ(why(leaf("boolean", "==", "true"), R"({"x":1})"), "malformed: not a boolean");
  EXPECT_EQ(why(leaf("version", "==", "\"1\""), R"({"x":"1.2.3.4"})"), "malformed: not a version");
  EXPECT_EQ(why(leaf("datetime", "<", "1"), R"({"x":"today"})"), "malformed: not a datetime");
  EXPECT_EQ(why(leaf("percent", "rollout", "1"), R"({"x":true})"), "malformed: not a key");
  EXPECT_EQ(why(leaf("number", "==", "1"), R"({"x":[1]})"), "malformed: an array");
}

TEST(Explain, ShowsTheRolloutsGroup) {
  const auto condition = parsed(leaf("percent", "rollout", "12.5")).with_rollout_group("7");
  const auto leaf_seen = explain(condition, Variables(R"({"x":"a"})").lookup());
  EXPECT_EQ(leaf_seen.at("group"), "7");
  EXPECT_EQ(leaf_seen.at("target"), 12.5);
}

}  // namespace
}  // namespace callboard::conditions
