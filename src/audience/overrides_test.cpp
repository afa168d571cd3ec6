#include "audience/overrides.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

using conditions::Value;

Attributes from_query(std::string_view query) {
  http::Request request;
  request.query = query;
  return overrides_from_query(request);
}

TEST(Overrides, ReadTheQuery) {
  const Attributes overrides =
      from_query("category=a&attr.city=New+York&attr.age=9&%61ttr.vip=true&attr.age=10");
  ASSERT_EQ(overrides.size(), 3u);
  EXPECT_EQ(*find_attribute(overrides, "city"), Value("New York"));
  EXPECT_EQ(*find_attribute(overrides, "age"), Value("10"));
  EXPECT_EQ(*find_attribute(overrides, "vip"), Value("true"));
  EXPECT_TRUE(from_query("").empty());
}

TEST(Overrides, RefuseAnOddQuery) {
  EXPECT_THROW(from_query("attr.=1"), Error);
  EXPECT_THROW(from_query("attr.a%20b=1"), Error);
  EXPECT_THROW(from_query("attr.a=" + std::string(1025, 'x')), Error);
  std::string many;
  for (int i = 0; i < 101; ++i) many += "attr.a" + std::to_string(i) + "=1&";
  EXPECT_THROW(from_query(many), Error);
}

TEST(Overrides, MayNameBuiltInVariablesAndHideStoredOnes) {
  const Attributes overrides =
      overrides_from_json(parse_json(R"({"app_version":"2.0","age":null})"), "/context");
  EXPECT_EQ(*find_attribute(overrides, "app_version"), Value("2.0"));
  ASSERT_NE(find_attribute(overrides, "age"), nullptr);
  EXPECT_EQ(find_attribute(overrides, "age")->kind(), Value::Kind::missing);
}

TEST(Overrides, PointIntoTheBody) {
  try {
    overrides_from_json(parse_json(R"({"age":{}})"), "/context");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.details().at(0).pointer, "/context/age");
  }
}

TEST(Overrides, PreferTheLater) {
  const Attributes combined =
      combined_overrides({{"a", Value(1)}, {"b", Value(2)}}, {{"b", Value(3)}, {"c", Value(4)}});
  ASSERT_EQ(combined.size(), 3u);
  EXPECT_EQ(*find_attribute(combined, "b"), Value(3));
  EXPECT_EQ(*find_attribute(combined, "c"), Value(4));
}

}  // namespace
}  // namespace callboard::audience
