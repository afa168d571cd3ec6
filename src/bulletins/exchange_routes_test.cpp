#include "bulletins/exchange_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bulletins/bulletin_store.hpp"
#include "tests/support/bulletins.hpp"
#include "tests/support/routes.hpp"

namespace callboard::bulletins {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class ExchangeRoutesTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  Boards boards_{database(), providers_, metrics()};
  BoardWriter writer_{database(), boards_, clock()};
  RouteCaller routes_{
      exchange_routes(database(), writer_, [](const std::string&) { return IsDeclared(); })};

  http::Answer call(Method method, const std::string& below, std::string body = "") {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = "demo";
    return routes_.call({.method = method,
                         .path = "/api/workspace/default/application/demo/bulletin_board" + below,
                         .body = std::move(body),
                         .caller = caller});
  }
};
INSTANTIATE_STORE_TESTS(ExchangeRoutesTest);

TEST_P(ExchangeRoutesTest, WhatIsExportedCanBeImported) {
  add(draft_for_under(10, "a"));
  add(draft_named("b"));
  const std::string exported = body_of(call(Method::get, "/export"));
  erase(2);
  EXPECT_EQ(body_of(call(Method::get, "/export")), exported.substr(0, exported.find('\n') + 1));
  const std::string first = exported.substr(0, exported.find('\n') + 1);
  EXPECT_EQ(body_of(call(Method::post, "/import", first)),
            R"({"dry_run":false,"created":0,"replaced":1,"ids":[1]})");
  EXPECT_EQ(body_of(call(Method::post, "/import", first)),
            R"({"dry_run":false,"created":0,"replaced":1,"ids":[1]})");
}

TEST_P(ExchangeRoutesTest, ADryRunKeepsNothing) {
  const std::string two = "{\"bulletin_name\":\"a\"}\n{\"bulletin_name\":\"b\"}\n";
  const auto dry = call(Method::post, "/import?dry_run=true", two);
  EXPECT_EQ(body_of(dry), R"({"dry_run":true,"created":2,"replaced":0})");
  EXPECT_THAT(dry.response.header_lines(), Not(HasSubstr("X-Board-Revision")));
  EXPECT_EQ(body_of(call(Method::get, "/export")), "");
  const auto real = call(Method::post, "/import", two);
  EXPECT_EQ(body_of(real), R"({"dry_run":false,"created":2,"replaced":0,"ids":[1,2]})");
  EXPECT_THAT(real.response.header_lines(), HasSubstr("X-Board-Revision: 1\r\n"));
  EXPECT_EQ(error_of(call(Method::post, "/import?dry_run=yes", two)).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(call(Method::post, "/import?dry_run=true", "{}")).code(), ErrorCode::invalid);
}

TEST_P(ExchangeRoutesTest, ALargeBoardComesInParts) {
  Draft large = draft_named("large");
  large.body = std::string(max_body_bytes, 'x');
  for (int i = 0; i < 260; ++i) add(large);
  const auto first = call(Method::get, "/export");
  EXPECT_LE(body_of(first).size(), http::import_max_body);
  const auto count = std::ranges::count(body_of(first), '\n');
  EXPECT_THAT(first.response.header_lines(),
              HasSubstr("X-Next-After: " + std::to_string(count) + "\r\n"));
  const auto rest = call(Method::get, "/export?after=" + std::to_string(count));
  EXPECT_EQ(count + std::ranges::count(body_of(rest), '\n'), 260);
  EXPECT_THAT(rest.response.header_lines(), Not(HasSubstr("X-Next-After")));
}

}  // namespace
}  // namespace callboard::bulletins
