#include "http/router.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::http {
namespace {

Route route(Method method, std::string path) {
  return {method, std::move(path), Access::anyone, Surface::app,
          immediate([](const Request&, Response&) {})};
}

const Router& sample() {
  static const Router router({
      route(Method::get, "/"),
      route(Method::get, "/bp/bulletin_board"),
      route(Method::get, "/bp/server/user/{user_id}/bulletin_board"),
      route(Method::post, "/bp/server/user/{user_id}/bulletin_board"),
      route(Method::get, "/a/{x}/b/{y}"),
      route(Method::get, "/a/fixed/b/{y}"),
      route(Method::post, "/a/fixed"),
      route(Method::get, "/a/{x}"),
      route(Method::put, "/mixed/{x}"),
      route(Method::get, "/mixed/literal"),
  });
  return router;
}

std::string found(Method method, std::string_view path) {
  const RouteMatch match = sample().find(method, path);
  return match.route != nullptr ? match.route->path : "";
}

TEST(Router, FindsExactAndParameterPaths) {
  EXPECT_EQ(found(Method::get, "/"), "/");
  EXPECT_EQ(found(Method::get, "/bp/bulletin_board"), "/bp/bulletin_board");
  EXPECT_EQ(found(Method::get, "/a/1/b/2"), "/a/{x}/b/{y}");
  EXPECT_EQ(found(Method::get, "/a/fixed/b/2"), "/a/fixed/b/{y}");
  EXPECT_EQ(found(Method::get, "/bp/bulletin_board/"), "");
  EXPECT_EQ(found(Method::get, "/BP/bulletin_board"), "");
  EXPECT_EQ(found(Method::get, "bp/bulletin_board"), "");
  EXPECT_EQ(found(Method::get, ""), "");
  EXPECT_EQ(found(Method::get, "*"), "");
}

TEST(Router, AParameterMatchesOneSegmentEvenEmpty) {
  const RouteMatch empty = sample().find(Method::get, "/bp/server/user//bulletin_board");
  ASSERT_NE(empty.route, nullptr);
  EXPECT_EQ(empty.parameters[0], "");
  EXPECT_EQ(found(Method::get, "/bp/server/user/a/b/bulletin_board"), "");
  const RouteMatch two = sample().find(Method::get, "/a/p%2Fq/b/r");
  ASSERT_NE(two.route, nullptr);
  EXPECT_EQ(two.parameters[0], "p%2Fq");
  EXPECT_EQ(two.parameters[1], "r");
}

TEST(Router, TriesTheParameterWhereTheLiteralLeadsNowhere) {
  EXPECT_EQ(found(Method::get, "/a/fixed"), "/a/{x}");
  EXPECT_EQ(found(Method::post, "/a/fixed"), "/a/fixed");
  EXPECT_EQ(found(Method::put, "/mixed/literal"), "/mixed/{x}");
}

TEST(Router, AnswersHeadByGet) {
  EXPECT_EQ(found(Method::head, "/bp/bulletin_board"), "/bp/bulletin_board");
  EXPECT_EQ(found(Method::head, "/mixed/x"), "");
}

TEST(Router, TellsWhichMethodsAPathKnows) {
  const auto allowed = [](std::string_view path) {
    return allow_header(sample().find(Method::delete_, path).allowed);
  };
  EXPECT_EQ(allowed("/bp/bulletin_board"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(allowed("/bp/server/user/1/bulletin_board"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(allowed("/mixed/literal"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(allowed("/mixed/x"), "PUT, OPTIONS");
  EXPECT_EQ(sample().find(Method::delete_, "/nowhere").allowed, 0);
}

TEST(Router, RefusesConflictsAndMalformedPatterns) {
  const auto build = [](Routes routes) { Router router(std::move(routes)); };
  EXPECT_THROW(build({route(Method::get, "/a"), route(Method::get, "/a")}), Error);
  EXPECT_THROW(build({route(Method::get, "/a/{x}"), route(Method::get, "/a/{y}")}), Error);
  EXPECT_THROW(build({route(Method::get, "a")}), Error);
  EXPECT_THROW(build({route(Method::get, "/a/x{y}")}), Error);
  EXPECT_THROW(build({route(Method::get, "/{a}/{b}/{c}/{d}/{e}")}), Error);
  EXPECT_THROW(build({{Method::get, "/a", Access::anyone, Surface::app, Handler{}}}), Error);
  EXPECT_NO_THROW(build({route(Method::get, "/a"), route(Method::post, "/a")}));
}

}  // namespace
}  // namespace callboard::http
