#include "bulletins/user_board_routes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "bulletins/console_routes.hpp"
#include "tests/support/bulletins.hpp"
#include "tests/support/routes.hpp"

namespace callboard::bulletins {
namespace {

using http::Method;

constexpr auto app = "/api/workspace/default/application/demo";

class UserBoardRoutesTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  audience::Users users_{database(), clock(), metrics()};
  Boards boards_{database(), providers_, metrics()};
  ConsoleRoutes console_{database(), boards_, users_, providers_, clock()};
  RouteCaller console_routes_{console_.table()};
  RouteCaller routes_{user_board_routes(boards_, users_, providers_, clock())};

  void post(const std::string& members) {
    body_of(console_routes_.call({.method = Method::post,
                                  .path = std::string(app) + "/bulletin_board",
                                  .body = "{" + members + "}",
                                  .caller = caller()}));
  }
  static http::Caller caller() {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = test_app;
    return caller;
  }
  boost::json::value board(const std::string& query = "") {
    const std::string path = std::string(app) + "/users/ann/board" + query;
    return parse_json(body_of(routes_.call({.path = path, .caller = caller()})));
  }
};
INSTANTIATE_STORE_TESTS(UserBoardRoutesTest);

const std::string condition =
    R"("bulletin_condition":{"logic":"&&","conditions":[{"variable":"level","logic":">=",)"
    R"("target":5,"target_type":"number"}]})";

TEST_P(UserBoardRoutesTest, TellsWhatAUserSeesAndWhy) {
  const auto later = std::to_string(unix_seconds(clock().now()) + 3600);
  post(R"("bulletin_name":"all")");
  post(R"("bulletin_name":"later","valid_date_start":)" + later);
  post(R"("bulletin_name":"masters",)" + condition);
  post(R"("bulletin_name":"off","enable":false)");
  post(R"("bulletin_name":"over","valid_date_end":1000)");
  const auto seen = board();
  EXPECT_EQ(seen.at("user_id"), "ann");
  EXPECT_EQ(seen.at("truncated"), false);
  std::map<std::string, std::pair<std::string, bool>> states;
  for (const auto& each : seen.at("bulletins").as_array()) {
    states[std::string(each.at("name").as_string())] = {std::string(each.at("state").as_string()),
                                                        each.at("shown").as_bool()};
  }
  const decltype(states) expected = {
      {"all", {"live", true}}, {"later", {"scheduled", false}}, {"masters", {"live", false}}};
  EXPECT_EQ(states, expected);
}

TEST_P(UserBoardRoutesTest, FollowsTheMomentAndWhatIsGiven) {
  post(R"("bulletin_name":"masters","valid_date_end":4000000000,)" + condition);
  EXPECT_EQ(board().at("bulletins").at(0).at("shown"), false);
  const auto given = board("?attr.level=6").at("bulletins").at(0);
  EXPECT_EQ(given.at("shown"), true);
  EXPECT_EQ(given.at("explanation").at("conditions").at(0).at("provider"), "given");
  std::promise<void> merged;
  users_.merge(std::string(test_app), "ann", {{"level", 9}},
               [&](auto, auto) { merged.set_value(); });
  merged.get_future().wait();
  EXPECT_EQ(board().at("bulletins").at(0).at("shown"), true);
  EXPECT_TRUE(board("?at=2100-01-01T00:00:00Z").at("bulletins").as_array().empty());
  EXPECT_THROW(board("?at=tomorrow"), Error);
}

}  // namespace
}  // namespace callboard::bulletins
