#include "base/json.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"

namespace callboard {
namespace {

Error refusal(std::string_view text) {
  try {
    parse_json(text);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::internal, "accepted");
}

TEST(Json, KeepsEveryKindOfValue) {
  const auto value = parse_json(R"( {"a":[1,-2,3.5,true,null,"x\u00e9"],"b":{}} )");
  EXPECT_EQ(boost::json::serialize(value), "{\"a\":[1,-2,3.5E0,true,null,\"x\xC3\xA9\"],\"b\":{}}");
}

TEST(Json, RoundsNumbersCorrectly) {
  EXPECT_EQ(parse_json("0.30000000000000004").as_double(), 0.30000000000000004);
  EXPECT_EQ(parse_json("[0.41866852935895693]").at(0).as_double(), 0.41866852935895693);
  EXPECT_EQ(parse_json("5.9e-05").as_double(), 5.9e-05);
}

TEST(Json, TakesDeeperTextOnRequest) {
  const std::string deep(40, '[');
  EXPECT_EQ(parse_json(deep + std::string(40, ']'), 40).as_array().size(), 1u);
  EXPECT_EQ(refusal(deep + std::string(40, ']')).code(), ErrorCode::invalid);
}

TEST(Json, NamesADuplicateKeyWithItsPointer) {
  const Error error = refusal(R"({"list":[{},{"a/b":{"x":1,"y":2,"x":3}}]})");
  ASSERT_EQ(error.details().size(), 1u);
  EXPECT_EQ(error.details()[0].pointer, "/list/1/a~1b/x");
  EXPECT_EQ(error.details()[0].message, "duplicate key \"x\"");
}

TEST(Json, RefusesWhatTwoReadersCouldReadDifferently) {
  for (const char* text : {"", "{", "{} x", "{\"a\":1,}", "[1,]", "// c\n{}", "{\"a\":\"\xFF\"}",
                           "NaN", "01", "'a'", "\"\\ud800\""}) {
    EXPECT_EQ(refusal(text).code(), ErrorCode::invalid) << text;
  }
  EXPECT_EQ(refusal("{} x").message(), "not JSON at byte 3: extra data");
}

TEST(Json, BoundsTheDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_NO_THROW(parse_json(nested(max_json_depth)));
  EXPECT_EQ(refusal(nested(max_json_depth + 1)).code(), ErrorCode::invalid);
}

TEST(Json, WritesStringsThatReadBack) {
  const std::string text = "\x01 \"quoted\" \\ \n\t\r \xE5\x8F\xB0";
  std::string out;
  append_json_string(out, text);
  EXPECT_EQ(parse_json(out).as_string(), text);
}

TEST(Json, WritesNumbersAsAPersonWould) {
  const std::string text = R"({"a":[1.5,-0.25,10,1e+300,18446744073709551615],"b":{"":null}})";
  EXPECT_EQ(to_json_text(parse_json(text)), text);
}

TEST(Json, KnowsWellFormedUtf8) {
  EXPECT_TRUE(is_valid_utf8("a\xC3\xA9\xE5\x8F\xB0\xF0\x9F\x9A\xB2"));
  for (const char* text : {"\x80", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xE5\x8F", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_valid_utf8(text));
  }
}

}  // namespace
}  // namespace callboard
