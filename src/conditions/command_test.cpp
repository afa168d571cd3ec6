#include "conditions/command.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/json.hpp"
#include "conditions/raw_member.hpp"

namespace callboard::conditions {
namespace {

std::string eval(const std::string& input, bool explain = false) {
  std::istringstream in(input);
  std::ostringstream out;
  EXPECT_EQ(run_eval(in, out, explain), 0);
  return out.str();
}

const std::string under_ten =
    R"({"logic":"&&","conditions":[)"
    R"({"variable":"age","logic":"<","target":10,"target_type":"number"}]})";

TEST(EvalCommand, AnswersLineForLine) {
  EXPECT_EQ(
      eval(R"({"id":1,"condition":)" + under_ten +
           R"(,"variables":{"age":9}})"
           "\n"
           R"({"id":2,"condition":)" +
           under_ten +
           R"(,"variables":{"age":10}})"
           "\n"
           R"({"id":3,"condition":)" +
           under_ten +
           "}\n"
           R"({"id":4,"condition":{},"variables":{}})"
           "\n"
           R"({"id":5,"condition":{"variable":"a","logic":"exists"},"variables":{"a":0}})"),
      "{\"id\":1,\"matches\":true}\n{\"id\":2,\"matches\":false}\n{\"id\":3,\"matches\":false}\n"
      "{\"id\":4,\"matches\":true}\n{\"id\":5,\"matches\":true}\n");
}

TEST(EvalCommand, EchoesTheIdAsItWasWritten) {
  for (const std::string id : {"null", "1.0", "1e2", "-0", "18446744073709551616", "\"\\u0041/\"",
                               "[1, {\"a\" :2}]", "{\"id\":\"x\"}", "true", "\"a,b}\""})
    EXPECT_EQ(eval(R"({ "x":[",{"], "id" : )" + id + R"( , "condition":null})"),
              "{\"id\":" + id + ",\"matches\":true}\n");
  EXPECT_EQ(eval(R"({"condition":{}})"), "{\"id\":null,\"matches\":true}\n");
}

TEST(EvalCommand, AnswersErrorsWithTheirPlace) {
  EXPECT_EQ(eval(R"({"id":"a","condition":{"logic":"&&","conditions":[)"
                 R"({"variable":"age","logic":"<","target":"ten","target_type":"number"}]}})"),
            R"({"id":"a","error":{"pointer":"/conditions/0/target","message":"must be a number"}})"
            "\n");
  EXPECT_EQ(eval(R"({"id":7,"condition":{},"variables":[]})"),
            R"({"id":7,"error":{"pointer":"/variables","message":"must be an object"}})"
            "\n");
}

TEST(EvalCommand, GoesOnAfterLinesThatAreNotJson) {
  std::istringstream lines(eval("nonsense\n\n[1]\n{\"id\":1,\"id\":2}\n{\"id\":4}\r\n"));
  std::string line;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_TRUE(line.starts_with("{\"id\":null,\"error\":{\"pointer\":")) << line;
  }
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(line, "{\"id\":4,\"matches\":true}");
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(EvalCommand, RefusesLinesWithoutEnd) {
  const std::string output =
      eval("{\"id\":\"" + std::string(max_line_bytes, 'a') + "\"}\n{\"id\":1}\n");
  EXPECT_EQ(output,
            "{\"id\":null,\"error\":{\"pointer\":\"\",\"message\":\"the line is too long\"}}\n"
            "{\"id\":1,\"matches\":true}\n");
}

TEST(EvalCommand, KeepsTheIdOfAConditionThatIsTooDeep) {
  std::string condition = R"({"variable":"a","logic":"exists"})";
  for (int i = 0; i < 100; ++i) condition = R"({"logic":"!","conditions":[)" + condition + "]}";
  EXPECT_TRUE(
      eval("{\"id\":9,\"condition\":" + condition + "}").starts_with("{\"id\":9,\"error\":"));
}

TEST(EvalCommand, HashesRolloutsWithTheLinesId) {
  const auto rollout = [](const std::string& id, const std::string& group, int user) {
    const std::string answer = eval("{\"id\":" + id +
                                    R"(,"condition":{"variable":"u","logic":"rollout","target":50,)"
                                    R"("target_type":"percent")" +
                                    group + R"(},"variables":{"u":)" + std::to_string(user) + "}}");
    return answer.ends_with("true}\n");
  };
  for (int user = 0; user < 30; ++user) {
    EXPECT_EQ(rollout("12", "", user), rollout("null", R"(,"group":"12")", user));
    EXPECT_EQ(rollout("\"a\"", "", user), rollout("null", R"(,"group":"a")", user));
    EXPECT_EQ(rollout("[1]", "", user), rollout("null", R"(,"group":"")", user));
  }
}

TEST(EvalCommand, ExplainsWhereAsked) {
  const std::string answer = eval(
      R"({"id":1,"condition":{"variable":"age","logic":"<","target":10,"target_type":"number"},)"
      R"("variables":{"age":9}})",
      true);
  EXPECT_EQ(answer,
            R"({"id":1,"matches":true,"explanation":{"variable":"age","logic":"<","target":10,)"
            R"("target_type":"number","value":9,"provider":null,"result":true,"why":"holds"}})"
            "\n");
}

TEST(LintCommand, ListsWarnings) {
  std::istringstream in(
      R"({"id":1,"condition":{"variable":"a","logic":"in","target":[],"target_type":"string"}})"
      "\n"
      R"({"id":2,"condition":{}})"
      "\n"
      R"({"id":3,"condition":1})");
  std::ostringstream out;
  EXPECT_EQ(run_lint(in, out), 0);
  EXPECT_EQ(out.str(),
            "{\"id\":1,\"warnings\":[{\"pointer\":\"\",\"message\":\"is always false\"}]}\n"
            "{\"id\":2,\"warnings\":[]}\n"
            "{\"id\":3,\"error\":{\"pointer\":\"\",\"message\":\"must be an object\"}}\n");
}

TEST(Commands, FailIfNobodyListens) {
  std::istringstream in("{}\n{}\n");
  std::ostringstream out;
  out.setstate(std::ios::badbit);
  EXPECT_EQ(run_eval(in, out, false), 1);
}

TEST(RawMember, FindsOnlyTheObjectsOwnMembers) {
  EXPECT_EQ(raw_member(R"({"a":{"id":1},"id":[2,"}"]})", "id"), R"([2,"}"])");
  EXPECT_EQ(raw_member(R"({"a":{"id":1}})", "id"), std::nullopt);
  EXPECT_EQ(raw_member("{}", "id"), std::nullopt);
  EXPECT_EQ(raw_member(R"({"\"id":1,"id":"\\"})", "id"), R"("\\")");
}

}  // namespace
}  // namespace callboard::conditions
