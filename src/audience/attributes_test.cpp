#include "audience/attributes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/user.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using conditions::Value;

std::string quoted(std::size_t length) {
  return '"' + std::string(length, 'x') + '"';
}

std::string list_of(std::size_t count, const std::string& element) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + element;
  return list + "]";
}

std::string refusal_of(const std::string& uploaded) {
  try {
    checked_attributes(parse_json(uploaded), "/attributes");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.details().empty() ? "no detail" : error.details().front().pointer;
  }
  return "accepted";
}

TEST(Attributes, AcceptsWhatIsWithinTheLimits) {
  for (const std::string& good :
       {std::string(R"({})"), std::string(R"({"age":9,"city":"Tainan","vip":true,"tags":["a",1]})"),
        std::string(R"({"gone":null,"A.b-c_9":-1.5e300,"empty":"","none":[]})"),
        "{\"a\":" + quoted(1024) + "}", "{\"a\":" + list_of(100, quoted(1024)) + "}",
        "{" + quoted(64) + ":1}"}) {
    EXPECT_EQ(refusal_of(good), "accepted") << good.substr(0, 80);
  }
}

TEST(Attributes, PointsAtWhatBreaksALimit) {
  const std::pair<std::string, std::string> cases[] = {
      {R"([])", "/attributes"},
      {R"(null)", "/attributes"},
      {R"({"ok":1,"age":{"years":9}})", "/attributes/age"},
      {R"({"tags":["a",["b"]]})", "/attributes/tags"},
      {R"({"tags":[null]})", "/attributes/tags"},
      {R"({"":1})", "/attributes/"},
      {R"({"a b":1})", "/attributes/a b"},
      {R"({"a/b":1})", "/attributes/a~1b"},
      {R"({"é":1})", "/attributes/é"},
      {R"({"nul":"a\u0000b"})", "/attributes/nul"},
      {R"({"user_id":"me"})", "/attributes/user_id"},
      {R"({"app_version":"1"})", "/attributes/app_version"},
      {R"({"quiz_results":[]})", "/attributes/quiz_results"},
      {"{\"a\":" + quoted(1025) + "}", "/attributes/a"},
      {"{\"a\":" + list_of(101, "1") + "}", "/attributes/a"},
      {"{\"a\":[" + quoted(1025) + "]}", "/attributes/a"},
      {"{" + quoted(65) + ":1}", "/attributes/" + std::string(65, 'x')},
  };
  for (const auto& [uploaded, pointer] : cases) {
    EXPECT_EQ(refusal_of(uploaded), pointer) << uploaded.substr(0, 80);
  }
}

TEST(Attributes, NamesEveryCulprit) {
  try {
    checked_attributes(parse_json(R"({"a":{},"b":1,"now":2})"), "/x");
    FAIL();
  } catch (const Error& error) {
    ASSERT_EQ(error.details().size(), 2u);
    EXPECT_EQ(error.details()[0].pointer, "/x/a");
    EXPECT_EQ(error.details()[1].pointer, "/x/now");
  }
}

TEST(Attributes, BoundsHowManyAUserHas) {
  json::object hundred;
  for (int i = 0; i < 100; ++i) hundred["a" + std::to_string(i)] = i;
  EXPECT_NO_THROW(checked_attributes(hundred, "/attributes"));
  EXPECT_NO_THROW(merged_attributes(hundred, {{"a0", 1}}, ""));
  EXPECT_NO_THROW(merged_attributes(hundred, {{"a0", nullptr}, {"more", 1}}, ""));
  EXPECT_THROW(merged_attributes(hundred, {{"more", 1}}, ""), Error);
  hundred["more"] = 1;
  EXPECT_THROW(checked_attributes(hundred, "/attributes"), Error);
}

TEST(Attributes, MergesAndRemoves) {
  const json::object merged =
      merged_attributes({{"a", 1}, {"b", 2}}, {{"b", nullptr}, {"c", "x"}, {"d", nullptr}}, "");
  EXPECT_EQ(merged, (json::object{{"a", 1}, {"c", "x"}}));
}

TEST(Attributes, AreFoundByName) {
  const Attributes attributes =
      attributes_from_json({{"z", 1}, {"a", "x"}, {"m", true}, {"gone", nullptr}});
  ASSERT_EQ(attributes.size(), 3u);
  EXPECT_EQ(*find_attribute(attributes, "a"), Value("x"));
  EXPECT_EQ(*find_attribute(attributes, "m"), Value(true));
  EXPECT_EQ(*find_attribute(attributes, "z"), Value(1));
  for (const auto* absent : {"gone", "", "b", "zz"}) {
    EXPECT_EQ(find_attribute(attributes, absent), nullptr) << absent;
  }
}

TEST(Attributes, KnowUserIds) {
  for (const auto* good : {"u", "U123-_.@:+", "with space", "~"}) {
    EXPECT_TRUE(is_user_id(good)) << good;
  }
  EXPECT_TRUE(is_user_id(std::string(128, 'u')));
  for (const auto* bad : {"", "a/b", "tab\t", "é", "\x7f"}) EXPECT_FALSE(is_user_id(bad)) << bad;
  EXPECT_FALSE(is_user_id(std::string(129, 'u')));
  try {
    require_user_id("");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "user_id is empty");
  }
}

TEST(User, ShowsItsAttributesByNameWithExactNumbers) {
  const User user("ann", 3, timestamp_from_ms(1'500),
                  {{"z", 9007199254740993},
                   {"a", 0.1},
                   {"big", 1.5e300},
                   {"whole", 12.0},
                   {"m", json::array{"x", 1, true}}});
  EXPECT_EQ(user.attributes_json(),
            R"({"a":0.1,"big":1.5e+300,"m":["x",1,true],"whole":12,"z":9007199254740993})");
  EXPECT_EQ(user.registered_at_value(), Value(1.5));
  EXPECT_EQ(user.user_id_value(), Value("ann"));
  EXPECT_TRUE(user.exists());
  EXPECT_GT(user.bytes(), sizeof(User));
}

TEST(User, IsNobodyInParticularWhereNothingIsStored) {
  const User user("stranger");
  EXPECT_FALSE(user.exists());
  EXPECT_EQ(user.attributes_json(), "{}");
  EXPECT_EQ(user.find("age"), nullptr);
  EXPECT_EQ(user.registered_at_value().kind(), Value::Kind::missing);
}

}  // namespace
}  // namespace callboard::audience
