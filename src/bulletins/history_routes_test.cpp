#include "bulletins/history_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/bulletins.hpp"
#include "tests/support/routes.hpp"

namespace callboard::bulletins {
namespace {

using http::Method;

class HistoryRoutesTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  Boards boards_{database(), providers_, metrics()};
  BoardWriter writer_{database(), boards_, clock()};
  RouteCaller routes_{history_routes(database(), writer_, boards_.served())};

  http::Answer call(Method method, const std::string& below, std::string body = "") {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = "demo";
    caller.actor = "token:t";
    return routes_.call({.method = method,
                         .path = "/api/workspace/default/application/demo/bulletin_board" + below,
                         .body = std::move(body),
                         .caller = caller});
  }
};
INSTANTIATE_STORE_TESTS(HistoryRoutesTest);

TEST_P(HistoryRoutesTest, PagesThroughTheHistory) {
  add(draft_named("a"));
  for (int i = 0; i < 2; ++i) call(Method::post, "/1/restore", R"({"revision":1})");
  const auto first = parse_json(body_of(call(Method::get, "/1/history?limit=2")));
  EXPECT_EQ(first.at("history").at(0).at("revision"), 3);
  EXPECT_EQ(first.at("history").at(0).at("actor"), "token:t");
  const std::string next = to_json_text(first.at("before"));
  const auto second = parse_json(body_of(call(Method::get, "/1/history?limit=2&before=" + next)));
  ASSERT_EQ(second.at("history").as_array().size(), 1u);
  EXPECT_EQ(second.at("history").at(0).at("action"), "create");
  EXPECT_TRUE(second.at("before").is_null());
}

TEST_P(HistoryRoutesTest, TellsOfADeletedBulletinAndOfNoOther) {
  add(draft_named("a"));
  erase(1);
  EXPECT_EQ(parse_json(body_of(call(Method::get, "/1/history"))).at("history").as_array().size(),
            2u);
  EXPECT_EQ(error_of(call(Method::get, "/2/history")).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of(call(Method::get, "/x/history")).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of(call(Method::get, "/1/history?limit=51")).code(), ErrorCode::invalid);
}

TEST_P(HistoryRoutesTest, RestoresWhereReadersSeeIt) {
  add(draft_named("a"));
  erase(1);
  const auto answer = call(Method::post, "/1/restore", R"({"revision":1})");
  EXPECT_EQ(parse_json(body_of(answer)).at("revision"), 3);
  EXPECT_THAT(answer.response.header_lines(), testing::HasSubstr("X-Board-Revision: 3\r\n"));
  EXPECT_EQ(boards_.current(test_app)->revision(), 3);
  EXPECT_EQ(error_of(call(Method::post, "/1/restore", R"({"revision":0})")).code(),
            ErrorCode::invalid);
  EXPECT_EQ(error_of(call(Method::post, "/1/restore", "{}")).code(), ErrorCode::invalid);
}

}  // namespace
}  // namespace callboard::bulletins
