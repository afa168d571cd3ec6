#include "http/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "http/response.hpp"

namespace callboard::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Request, FindsHeadersWithoutCase) {
  const std::array<Header, 3> headers = {{{"Accept", "a"}, {"X-App-ID", "b"}, {"x-app-id", "c"}}};
  Request request;
  request.headers = headers;
  EXPECT_EQ(request.header("x-APP-id"), "b");
  EXPECT_EQ(request.header("X-App"), std::nullopt);
}

TEST(Request, DecodesParameters) {
  Request request;
  request.parameters = {"a%20b", "", "x+y", "%2f"};
  EXPECT_EQ(request.parameter(0), "a b");
  EXPECT_EQ(request.parameter(1), "");
  EXPECT_EQ(request.parameter(2), "x+y");
  EXPECT_EQ(request.parameter(3), "/");
}

TEST(Request, RefusesMalformedEscapes) {
  for (const char* text : {"%", "%1", "%zz", "%g0", "a%0", "%00", "%0a", "%7f"}) {
    Request request;
    request.parameters[0] = text;
    EXPECT_THROW(request.parameter(0), Error) << text;
    const std::string query = std::string("k=") + text;
    request.query = query;
    EXPECT_THROW(request.query_value("k"), Error) << text;
  }
}

TEST(Request, ReadsTheQuery) {
  Request request;
  request.query = "a=1&b=x+y%2B&&a=2&flag&%61=3&empty=";
  EXPECT_EQ(request.query_value("a"), "1");
  EXPECT_EQ(request.query_value("b"), "x y+");
  EXPECT_EQ(request.query_value("flag"), "");
  EXPECT_EQ(request.query_value("empty"), "");
  EXPECT_EQ(request.query_value("none"), std::nullopt);
  EXPECT_THAT(request.query_values("a"), ElementsAre("1", "2", "3"));
  EXPECT_THAT(request.query_pairs(),
              ElementsAre(Pair("a", "1"), Pair("b", "x y+"), Pair("a", "2"), Pair("flag", ""),
                          Pair("a", "3"), Pair("empty", "")));
}

TEST(Response, RefusesToBreakItsLines) {
  Response response;
  EXPECT_THROW(response.header("X", "a\r\nSet-Cookie: b"), Error);
  EXPECT_THROW(response.header("X\n", "a"), Error);
  EXPECT_THROW(response.header("X", std::string_view("a\0b", 3)), Error);
  response.header("X", "a");
  response.content_type("text/plain");
  EXPECT_EQ(response.header_lines(), "X: a\r\nContent-Type: text/plain\r\n");
  EXPECT_TRUE(response.has_content_type());
  response.clear();
  EXPECT_EQ(response.header_lines(), "");
  EXPECT_FALSE(response.has_content_type());
}

}  // namespace
}  // namespace callboard::http
