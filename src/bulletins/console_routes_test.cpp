#include "bulletins/console_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/bulletins.hpp"
#include "tests/support/routes.hpp"

namespace callboard::bulletins {
namespace {

using http::Method;
using testing::HasSubstr;

constexpr auto path = "/api/workspace/default/application/demo/bulletin_board";

class ConsoleRoutesTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  audience::Users users_{database(), clock(), metrics()};
  Boards boards_{database(), providers_, metrics()};
  ConsoleRoutes console_{database(), boards_, users_, providers_, clock()};
  RouteCaller routes_{console_.table()};

  static boost::json::value json_of(const http::Answer& answer) {
    return parse_json(body_of(answer));
  }
  http::Answer call(Method method, const std::string& below = "", std::string body = "") {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = test_app;
    return routes_.call(
        {.method = method, .path = path + below, .body = std::move(body), .caller = caller});
  }
};
INSTANTIATE_STORE_TESTS(ConsoleRoutesTest);

constexpr auto whole_schema =
    R"("bulletin_name":"b","category":"","bulletin_body":"","valid_date_start":0,)"
    R"("valid_date_end":0,"bulletin_condition":{}})";

TEST_P(ConsoleRoutesTest, AWriteIsAnsweredWhenReadersSeeIt) {
  const http::Answer answer = call(Method::post, "", R"({"bulletin_name":"a"})");
  EXPECT_THAT(answer.response.header_lines(), HasSubstr("X-Board-Revision: 1\r\n"));
  ASSERT_NE(boards_.current(test_app), nullptr);
  EXPECT_EQ(boards_.current(test_app)->revision(), 1);
}

TEST_P(ConsoleRoutesTest, KeepsShowsChangesAndDeletes) {
  call(Method::post, "", R"({"bulletin_name":"a"})");
  EXPECT_EQ(json_of(call(Method::get, "/1")).at("bulletin_name"), "a");
  const auto changed =
      json_of(call(Method::put, "", std::string(R"({"bulletin_id":1,)") + whole_schema));
  EXPECT_EQ(changed.at("bulletin_name"), "b");
  EXPECT_EQ(changed.at("revision"), 2);
  EXPECT_EQ(json_of(call(Method::put, "/1", std::string("{") + whole_schema)).at("revision"), 3);
  EXPECT_EQ(json_of(call(Method::get, "?q=b")).at("total"), 1);
  call(Method::delete_, "", R"({"id":1})");
  EXPECT_EQ(json_of(call(Method::get)).at("total"), 0);
  EXPECT_EQ(error_of(call(Method::get, "/1")).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of(call(Method::delete_, "/1")).code(), ErrorCode::not_found);
}

TEST_P(ConsoleRoutesTest, APathThatIsNoIdIsNotFound) {
  for (const char* id : {"/x", "/0", "/-1", "/1x", "/99999999999999999999"}) {
    EXPECT_EQ(error_of(call(Method::get, id)).code(), ErrorCode::not_found) << id;
  }
}

TEST_P(ConsoleRoutesTest, WhatIsRefusedChangesNothing) {
  EXPECT_EQ(error_of(call(Method::post, "", "{")).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(call(Method::post, "", R"({"bulletin_name":""})")).code(), ErrorCode::invalid);
  EXPECT_EQ(json_of(call(Method::get)).at("total"), 0);
}

TEST_P(ConsoleRoutesTest, PreviewsWithoutSaving) {
  const auto answer = json_of(
      call(Method::post, "/preview", R"({"bulletin_condition":{},"attributes":{"age":1}})"));
  EXPECT_EQ(answer.at("matches"), true);
  EXPECT_EQ(json_of(call(Method::get)).at("total"), 0);
}

}  // namespace
}  // namespace callboard::bulletins
