#include "bulletins/board_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/bulletins.hpp"
#include "tests/support/routes.hpp"

namespace callboard::bulletins {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class BoardRoutesTest : public BulletinsTest {
 protected:
  http::WorkPool pool_{2, 16, metrics()};  // first: the boards' loader uses it until it ends
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  audience::Users users_{database(), clock(), metrics()};
  Boards boards_{database(), providers_, metrics()};
  BoardReader reader_{boards_, users_, providers_, clock(), default_answer_memo_bytes};
  BoardRoutes board_{database(), boards_, reader_, pool_, clock()};
  RouteCaller routes_{board_.table()};

  static http::Caller caller(std::string_view user_id) {
    http::Caller caller;
    caller.app_id = test_app;
    caller.user_id = user_id;
    return caller;
  }
  http::Answer read_own(std::vector<http::Header> headers = {}, const std::string& query = "") {
    return routes_.call({.path = "/bp/bulletin_board" + query,
                         .caller = caller("ann"),
                         .headers = std::move(headers)});
  }
  http::Answer read_of(const std::string& user, const std::string& query = "",
                       Method method = Method::get, std::string body = "") {
    return routes_.call({.method = method,
                         .path = "/bp/server/user/" + user + "/bulletin_board" + query,
                         .body = std::move(body),
                         .caller = caller("")});
  }
};
INSTANTIATE_STORE_TESTS(BoardRoutesTest);

TEST_P(BoardRoutesTest, TheFirstReadLoadsAndTheNextIsFromMemory) {
  add(draft_named("a"));
  EXPECT_THAT(read_own().response.body, HasSubstr("\"a\""));
  EXPECT_FALSE(routes_.was_from_memory());
  EXPECT_THAT(read_own().response.body, HasSubstr("\"a\""));
  EXPECT_TRUE(routes_.was_from_memory());
}

TEST_P(BoardRoutesTest, ABackendReadsForAUserWithContext) {
  add(draft_for_under(10, "for children"));
  EXPECT_THAT(read_of("ann").response.body, Not(HasSubstr("for children")));
  EXPECT_THAT(read_of("ann", "?attr.age=9").response.body, HasSubstr("for children"));
  EXPECT_THAT(read_of("ann", "", Method::post, R"({"context":{"age":9}})").response.body,
              HasSubstr("for children"));
  EXPECT_THAT(read_of("ann").response.body, Not(HasSubstr("for children")));
}

TEST_P(BoardRoutesTest, RefusesWhatIsNoUserOrNoContext) {
  EXPECT_EQ(error_of(read_of("")).message(), "user_id is empty");
  EXPECT_EQ(error_of(read_of(std::string(129, 'x'))).code(), ErrorCode::invalid);
  for (const char* body : {"", "[]", "{}", R"({"context":1})", R"({"context":{},"more":1})"}) {
    EXPECT_EQ(error_of(read_of("ann", "", Method::post, body)).code(), ErrorCode::invalid) << body;
  }
}

TEST_P(BoardRoutesTest, WaitsForARevisionThatIsStoredButNotHere) {
  add(draft_named("a"));
  boards_.get(test_app);
  execute("UPDATE bulletins SET name = 'b', revision = 2");
  execute("UPDATE boards SET revision = 2");  // unannounced, as on a node that missed it
  const http::Answer answer = read_own({{"X-Min-Board-Revision", "2"}});
  EXPECT_THAT(answer.response.body, HasSubstr("\"b\""));
  EXPECT_THAT(answer.response.header_lines(), HasSubstr("X-Board-Revision: 2\r\n"));
}

TEST_P(BoardRoutesTest, RefusesARevisionThatIsNotThereYet) {
  add(draft_named("a"));
  EXPECT_EQ(error_of(read_own({{"X-Min-Board-Revision", "2"}})).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(read_own({{"X-Min-Board-Revision", "x"}})).code(), ErrorCode::invalid);
  EXPECT_EQ(read_own({{"X-Min-Board-Revision", "1"}}).error, nullptr);
}

TEST_P(BoardRoutesTest, FiltersByCategoriesOfTheQuery) {
  Draft sale = draft_named("sale");
  sale.category = "big sale";
  add(sale);
  add(draft_named("news"));
  EXPECT_THAT(read_own({}, "?category=big%20sale").response.body, Not(HasSubstr("news")));
  EXPECT_THAT(read_own({}, "?category=big+sale&category=default").response.body, HasSubstr("news"));
  EXPECT_EQ(read_own({}, "?category=none").response.body, R"({"bulletin_board":[]})");
}

}  // namespace
}  // namespace callboard::bulletins
