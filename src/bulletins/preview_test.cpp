#include "bulletins/preview.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

namespace json = boost::json;
using testing::ElementsAre;

class PreviewTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  audience::Users users_{database(), clock(), metrics()};

  json::object ask(const std::string& body) {
    return explain(preview_from_json(parse_json(body), {}, clock().now()), test_app, users_,
                   providers_);
  }
  bool matches(const std::string& condition_and_rest) {
    return ask("{\"bulletin_condition\":" + condition_and_rest + "}").at("matches").as_bool();
  }
};
INSTANTIATE_STORE_TESTS(PreviewTest);

constexpr auto under_ten =
    R"({"logic":"&&","conditions":[
        {"variable":"age","logic":"<","target":10,"target_type":"number"}]})";

TEST_P(PreviewTest, TakesTypedInAttributes) {
  EXPECT_TRUE(matches(std::string(under_ten) + R"(,"attributes":{"age":9})"));
  EXPECT_FALSE(matches(std::string(under_ten) + R"(,"attributes":{"age":10})"));
  EXPECT_FALSE(matches(std::string(under_ten) + R"(,"attributes":{})"));
}

TEST_P(PreviewTest, TakesAStoredUser) {
  write([&](db::Transaction& t) {
    audience::replace_attributes(t, test_app, "kid", {{"age", 9}}, {}, clock().now());
  });
  const json::object answer =
      ask("{\"user_id\":\"kid\",\"bulletin_condition\":" + std::string(under_ten) + "}");
  EXPECT_TRUE(answer.at("matches").as_bool());
  const json::value& leaf = answer.at("explanation").at("conditions").at(0);
  EXPECT_EQ(leaf.at("value"), json::value(9));
  EXPECT_EQ(leaf.at("provider"), json::value("attributes"));
}

TEST_P(PreviewTest, TypedInAttributesAreOfNobodyUnlessTheySayWhom) {
  const std::string somebody =
      R"({"logic":"&&","conditions":[{"variable":"user_id","logic":"exists"}]})";
  EXPECT_FALSE(matches(somebody + R"(,"attributes":{"age":9})"));
  EXPECT_TRUE(matches(somebody + R"(,"attributes":{"user_id":"ann"})"));
}

TEST_P(PreviewTest, LooksAtAnotherMoment) {
  const std::string from_2030 =
      R"({"logic":"&&","conditions":[{"variable":"now","logic":">=",)"
      R"("target":"2030-01-01T00:00:00Z","target_type":"datetime"}]},"attributes":{})";
  EXPECT_FALSE(matches(from_2030));
  EXPECT_TRUE(matches(from_2030 + R"(,"at":"2030-01-01T08:00:00+08:00")"));
  EXPECT_FALSE(matches(from_2030 + R"(,"at":"2029-12-31T23:59:59.999Z")"));
}

TEST_P(PreviewTest, BindsARolloutToTheBulletin) {
  const std::string half =
      R"({"logic":"&&","conditions":[{"variable":"user_id","logic":"rollout","target":50,)"
      R"("target_type":"percent"}]},"attributes":{"user_id":"ann"},"bulletin_id":)";
  int in = 0;
  for (int id = 1; id <= 40; ++id) in += matches(half + std::to_string(id)) ? 1 : 0;
  EXPECT_GT(in, 5);
  EXPECT_LT(in, 35);
}

TEST_P(PreviewTest, NamesEachCulprit) {
  try {
    ask(R"({"bulletin_condition":{"logic":"?","conditions":[]},"at":"noon","x":1,)"
        R"("user_id":"a/b"})");
    FAIL() << "accepted";
  } catch (const Error& error) {
    std::vector<std::string> pointers;
    for (const auto& detail : error.details()) pointers.push_back(detail.pointer);
    EXPECT_THAT(pointers, ElementsAre("/bulletin_condition/logic", "/user_id", "/at", "/x"));
  }
  EXPECT_THROW(ask(R"({"bulletin_condition":{}})"), Error) << "about whom?";
  EXPECT_THROW(ask(R"({"bulletin_condition":{},"attributes":{},"user_id":"a"})"), Error);
}

}  // namespace
}  // namespace callboard::bulletins
