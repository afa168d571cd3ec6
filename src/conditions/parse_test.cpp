// What is refused, and where the error points.

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json.hpp"
#include "conditions/condition.hpp"
#include "tests/support/conditions.hpp"

namespace callboard::conditions {
namespace {

using testing::leaf;

// "pointer: message", or "" if it is accepted.
std::string error_of(std::string_view text, const ParseOptions& options = {}) {
  const auto condition = parse(parse_json(text, 1'000), options);
  return condition ? "" : condition.error().pointer + ": " + condition.error().message;
}

std::string in_group(const std::string& child) {
  return R"({"logic":"&&","conditions":[)" + child + "]}";
}

// The place of the error of this leaf, within the leaf; "none" if it is accepted.
std::string culprit(const std::string& leaf_text) {
  const auto condition = parse(parse_json(in_group(leaf_text)));
  if (condition) return "none";
  const std::string prefix = "/conditions/0";
  EXPECT_TRUE(condition.error().pointer.starts_with(prefix)) << condition.error().pointer;
  return condition.error().pointer.substr(prefix.size());
}

TEST(Parse, TakesTheSeedsExample) {
  EXPECT_EQ(error_of(R"({"logic":"&&","conditions":[
      {"variable":"age","logic":"<","target":10,"target_type":"number"},
      {"variable":"app_version","logic":">=","target":"1.2.3","target_type":"version"}]})"),
            "");
}

TEST(Parse, NothingMeansEveryone) {
  for (const std::string_view text :
       {"null", "{}", R"({"logic":"","conditions":[]})", R"({"logic":"&&","conditions":[]})",
        R"({"logic":"||","conditions":[]})", R"({"logic":"","conditions":null})",
        R"({"conditions":[]})"}) {
    const auto condition = parse(parse_json(text));
    ASSERT_TRUE(condition) << text;
    EXPECT_TRUE(condition->is_for_everyone()) << text;
    EXPECT_TRUE(evaluate(*condition, [](std::string_view) { return nullptr; })) << text;
  }
}

TEST(Parse, ChecksTheShapeOfGroups) {
  const std::string good = leaf("number", "==", "1");
  const std::pair<std::string, std::string> wrong[] = {
      {"[]", ""},
      {"1", ""},
      {R"("x")", ""},
      {good, ""},  // a leaf where a group is due
      {R"({"logic":"&&"})", "/conditions"},
      {R"({"logic":""})", ""},
      {R"({"logic":"!","conditions":[]})", "/conditions"},
      {R"({"logic":"!","conditions":[)" + good + "," + good + "]}", "/conditions"},
      {R"({"logic":"xor","conditions":[]})", "/logic"},
      {R"({"logic":"xor","conditions":[)" + good + "]}", "/logic"},
      {R"({"logic":"","conditions":[)" + good + "]}", "/logic"},
      {R"({"logic":1,"conditions":[)" + good + "]}", "/logic"},
      {R"({"conditions":[)" + good + "]}", "/logic"},
      {R"({"logic":"&&","conditions":{}})", "/conditions"},
      {R"({"logic":"&&","conditions":null})", "/conditions"},
      {R"({"logic":"&&","conditions":[1]})", "/conditions/0"},
      {R"({"logic":"&&","conditions":[null]})", "/conditions/0"},
      {in_group(good + ",{}"), "/conditions/1/variable"},
      {in_group(R"({"logic":"&&","conditions":[]})"), "/conditions/0/conditions"},
      {in_group(R"({"logic":"","conditions":[]})"), "/conditions/0/logic"},
      {R"({"logic":"&&","conditions":[],"a/b~c":1})", "/a~1b~0c"},
      {R"({"logic":"&&","conditions":[)" + good + R"(],"target":1})", "/target"},
  };
  for (const auto& [text, pointer] : wrong) {
    const auto condition = parse(parse_json(text));
    ASSERT_FALSE(condition) << text;
    EXPECT_EQ(condition.error().pointer, pointer) << text;
    EXPECT_FALSE(condition.error().message.empty());
  }
}

TEST(Parse, NamesUnknownMembers) {
  EXPECT_EQ(error_of(in_group(leaf("number", "==", "1", R"(,"taget":2)"))),
            R"(/conditions/0/taget: unknown member "taget")");
}

TEST(Parse, TakesABareLeafOnlyWhereAllowed) {
  const std::string bare = leaf("number", "==", "1");
  EXPECT_TRUE(parse(parse_json(bare), {.is_declared = {}, .allow_bare_leaf = true}));
  EXPECT_FALSE(parse(parse_json(bare)));
}

TEST(Parse, PointsIntoNestedGroups) {
  const std::string inner =
      R"({"logic":"!","conditions":[)" + leaf("number", "<", "\"ten\"") + "]}";
  EXPECT_EQ(error_of(in_group(leaf("number", "<", "10") + "," + inner)),
            "/conditions/1/conditions/0/target: must be a number");
}

TEST(Parse, RefusesWhatIsMissingOrOfTheWrongKind) {
  const std::pair<std::string, std::string> wrong[] = {
      {R"({"logic":"==","target":1,"target_type":"number"})", "/variable"},
      {R"({"variable":"","logic":"==","target":1,"target_type":"number"})", "/variable"},
      {R"({"variable":1,"logic":"==","target":1,"target_type":"number"})", "/variable"},
      {R"({"variable":"x","target":1,"target_type":"number"})", "/logic"},
      {R"({"variable":"x","logic":null,"target":1,"target_type":"number"})", "/logic"},
      {R"({"variable":"x","logic":"==","target_type":"number"})", "/target"},
      {R"({"variable":"x","logic":"==","target":1})", "/target_type"},
      {R"({"variable":"x","logic":"==","target":1,"target_type":""})", "/target_type"},
      {R"({"variable":"x","logic":"==","target":1,"target_type":3})", "/target_type"},
      {R"({"variable":"x","logic":"==","target":1,"target_type":"integer"})", "/target_type"},
      {R"({"variable":"x","logic":"=","target":1,"target_type":"number"})", "/logic"},
      {R"({"variable":"x","logic":"exists","target":1})", "/target"},
      {R"({"variable":"x","logic":"exists","target_type":"thing"})", "/target_type"},
      {R"({"variable":"x","logic":"rollout","target":10})", "/target_type"},
  };
  for (const auto& [text, pointer] : wrong) EXPECT_EQ(culprit(text), pointer) << text;
  EXPECT_EQ(culprit(R"({"variable":"x","logic":"exists"})"), "none");
  EXPECT_EQ(culprit(R"({"variable":"x","logic":"not_exists","target":null,"target_type":""})"),
            "none");
  EXPECT_EQ(culprit(R"({"variable":"x","logic":"exists","target_type":"string"})"), "none");
}

TEST(Parse, KnowsWhichOperatorsGoWithWhichType) {
  const std::pair<std::string, std::string> targets[] = {
      {"string", "\"a\""},    {"number", "1"},   {"boolean", "true"},
      {"version", "\"1.0\""}, {"datetime", "0"}, {"percent", "5"}};
  const std::map<std::string, std::vector<std::string>> legal = {
      {"string",
       {"==", "!=", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with",
        "matches"}},
      {"number", {"==", "!=", "<", "<=", ">", ">=", "in", "not_in"}},
      {"boolean", {"==", "!="}},
      {"version", {"==", "!=", "<", "<=", ">", ">=", "in", "not_in"}},
      {"datetime", {"<", "<=", ">", ">=", "before", "after"}},
      {"percent", {"rollout"}}};
  for (const auto& [type, target] : targets) {
    for (const std::string op :
         {"==", "!=", "<", "<=", ">", ">=", "before", "after", "in", "not_in", "contains",
          "not_contains", "starts_with", "ends_with", "matches", "rollout"}) {
      const bool is_list = op == "in" || op == "not_in";
      const bool is_legal = std::ranges::count(legal.at(type), op) > 0;
      EXPECT_EQ(culprit(leaf(type, op, is_list ? "[" + target + "]" : target)),
                is_legal ? "none" : "/logic")
          << type << " " << op;
    }
  }
}

TEST(Parse, RefusesTargetsThatDoNotParse) {
  const std::pair<std::string, std::vector<std::string>> wrong[] = {
      {"string", {"1", "true", "null", "{}", "[]", "[\"a\"]"}},
      {"number",
       {"\"ten\"", "true", "null", "{}", "[1]", "1e400", "\"1e400\"", "9007199254740992",
        "-9007199254740992", "18446744073709551615", "\"NaN\"", "\" 1\"", "\"0x1\""}},
      {"boolean", {"1", "0", "\"yes\"", "\"TRUE\"", "null", "[true]"}},
      {"version", {"1", "1.2", "\"1.2.3.4\"", "\"01.2\"", "\"\"", "\"latest\"", "null", "[\"1\"]"}},
      {"datetime",
       {"\"2024-01-01\"", "\"2024-01-01T00:00:00\"", "\"1700000000\"", "true", "null", "1e300",
        "[0]"}},
  };
  for (const auto& [type, targets] : wrong) {
    const std::string op = type == "datetime" ? "<" : "==";
    for (const std::string& target : targets)
      EXPECT_EQ(culprit(leaf(type, op, target)), "/target") << type << " " << target;
  }
  for (const std::string target :
       {"-1", "100.01", "12.345", "\"a\"", "true", "null", "[1]", "1e-3"})
    EXPECT_EQ(culprit(leaf("percent", "rollout", target)), "/target") << target;
}

TEST(Parse, TakesTheLargestExactNumbers) {
  EXPECT_EQ(culprit(leaf("number", "==", "9007199254740991")), "none");
  EXPECT_EQ(culprit(leaf("number", "==", "-9007199254740991")), "none");
  EXPECT_EQ(culprit(leaf("number", "==", "\"1e3\"")), "none");
  EXPECT_EQ(culprit(leaf("boolean", "==", "\"true\"")), "none");
}

TEST(Parse, ChecksListsEntryByEntry) {
  EXPECT_EQ(culprit(leaf("number", "in", "1")), "/target");
  EXPECT_EQ(culprit(leaf("number", "in", "[1,\"b\"]")), "/target/1");
  EXPECT_EQ(culprit(leaf("string", "in", "[\"a\",\"b\",3]")), "/target/2");
  EXPECT_EQ(culprit(leaf("version", "not_in", "[\"1\",\"x\"]")), "/target/1");
  EXPECT_EQ(culprit(leaf("string", "contains", "[\"a\",[]]")), "/target/1");
  EXPECT_EQ(culprit(leaf("string", "in", "[]")), "none");
  for (const std::string op : {"contains", "starts_with", "ends_with"})
    EXPECT_EQ(culprit(leaf("string", op, "[\"a\",\"b\"]")), "none") << op;
  for (const std::string op : {"not_contains", "matches", "==", "!="})
    EXPECT_EQ(culprit(leaf("string", op, "[\"a\",\"b\"]")), "/target") << op;
}

TEST(Parse, ChecksTheOptions) {
  EXPECT_EQ(culprit(leaf("string", "==", "\"a\"", R"(,"ignore_case":true)")), "none");
  EXPECT_EQ(culprit(leaf("string", "==", "\"a\"", R"(,"ignore_case":1)")), "/ignore_case");
  EXPECT_EQ(culprit(leaf("number", "==", "1", R"(,"ignore_case":true)")), "/ignore_case");
  EXPECT_EQ(culprit(leaf("percent", "rollout", "5", R"(,"group":"g")")), "none");
  EXPECT_EQ(culprit(leaf("percent", "rollout", "5", R"(,"group":5)")), "/group");
  EXPECT_EQ(culprit(leaf("number", "==", "1", R"(,"group":"g")")), "/group");
}

TEST(Parse, AsksWhichVariablesAreDeclared) {
  const ParseOptions options{.is_declared = [](std::string_view name) { return name == "age"; },
                             .allow_bare_leaf = true};
  EXPECT_EQ(error_of(leaf("number", "==", "1"), options), R"(/variable: unknown variable "x")");
  EXPECT_EQ(error_of(R"({"variable":"age","logic":"exists"})", options), "");
}

std::string nested(std::size_t groups) {
  std::string text = leaf("number", "==", "1");
  for (std::size_t i = 0; i < groups; ++i) text = in_group(text);
  return text;
}

TEST(Parse, BoundsTheDepth) {
  EXPECT_EQ(error_of(nested(max_depth)), "");
  std::string place;
  for (std::size_t i = 0; i < max_depth; ++i) place += "/conditions/0";
  EXPECT_EQ(error_of(nested(max_depth + 1)), place + ": groups are nested deeper than 8");
  EXPECT_EQ(error_of(nested(400)), place + ": groups are nested deeper than 8");
}

std::string repeated(std::size_t count, const std::string& part) {
  std::string text = part;
  for (std::size_t i = 1; i < count; ++i) text += "," + part;
  return text;
}

TEST(Parse, BoundsTheNumberOfConditions) {
  const std::string one = R"({"variable":"x","logic":"exists"})";
  EXPECT_EQ(error_of(in_group(repeated(max_conditions, one))), "");
  EXPECT_EQ(error_of(in_group(repeated(max_conditions + 1, one))),
            "/conditions/256: more than 256 conditions");
}

TEST(Parse, BoundsListsAndStrings) {
  const std::string longest(max_string_bytes, 's');
  EXPECT_EQ(culprit(leaf("number", "in", "[" + repeated(max_list_entries, "1") + "]")), "none");
  EXPECT_EQ(culprit(leaf("number", "in", "[" + repeated(max_list_entries + 1, "1") + "]")),
            "/target");
  EXPECT_EQ(culprit(leaf("string", "==", '"' + longest + '"')), "none");
  EXPECT_EQ(culprit(leaf("string", "==", '"' + longest + "s\"")), "/target");
  EXPECT_EQ(culprit(leaf("string", "in", "[\"a\",\"" + longest + "s\"]")), "/target/1");
  EXPECT_EQ(culprit(leaf("version", "==", "\"1." + std::string(max_string_bytes, '1') + '"')),
            "/target");
  EXPECT_EQ(culprit(R"({"logic":"exists","variable":")" + longest + "s\"}"), "/variable");
  EXPECT_EQ(culprit(leaf("percent", "rollout", "5", R"(,"group":")" + longest + "s\"")), "/group");
}

TEST(Parse, BoundsPatterns) {
  for (const std::string pattern : {"(", "a**", "[z-a]", "(?=a)", "\\\\1", "a{1001}"})
    EXPECT_EQ(culprit(leaf("string", "matches", '"' + pattern + '"')), "/target") << pattern;
  EXPECT_EQ(culprit(leaf("string", "matches", R"("[\\pL\\pN]{20}")")), "none");
  EXPECT_EQ(culprit(leaf("string", "matches", R"("[\\pL\\pN]{900}")")), "/target");
}

TEST(Condition, KnowsItsVariables) {
  const auto condition = testing::parsed(R"({"logic":"&&","conditions":[
      {"variable":"b","logic":"exists"},
      {"logic":"!","conditions":[{"variable":"a","logic":"exists"}]},
      {"variable":"b","logic":"not_exists"}]})");
  EXPECT_EQ(condition.variables(), (std::vector<std::string>{"b", "a"}));
}

TEST(Condition, IsWrittenWithItsGroup) {
  const std::string text =
      R"({"logic":"&&","conditions":[{"variable":"user_id","logic":"rollout","target":12.5,)"
      R"("target_type":"percent"},{"variable":"x","logic":"exists"}]})";
  EXPECT_EQ(to_json_text(condition_to_json(testing::parsed(text).with_rollout_group("7"))),
            R"({"logic":"&&","conditions":[{"variable":"user_id","logic":"rollout","target":12.5,)"
            R"("target_type":"percent","group":"7"},{"variable":"x","logic":"exists"}]})");
}

}  // namespace
}  // namespace callboard::conditions
