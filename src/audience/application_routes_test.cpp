#include "audience/application_routes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/application_store.hpp"
#include "audience/applications.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/routes.hpp"

namespace callboard::audience {
namespace {

using http::Access;
using http::Method;

const std::string all = "/api/workspace/ws/application";

class ApplicationRoutesTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      create_workspace(transaction, {"other", "Another", clock().now()});
    });
  }
  http::Answer call(Method method, std::string path, std::string body = "") {
    return routes_.call({.method = method, .path = std::move(path), .body = std::move(body)});
  }
  boost::json::value json_of(const http::Answer& answer) { return parse_json(body_of(answer)); }

  Applications applications_{database(), clock(), metrics()};
  std::vector<std::string> created_;
  bool refuse_creation_ = false;
  RouteCaller routes_{application_routes(
      database(), clock(), [this](db::Transaction& transaction, std::string_view app_id) {
        EXPECT_TRUE(find_application(transaction, app_id));
        if (refuse_creation_) throw Error(ErrorCode::unavailable, "no keys today");
        created_.emplace_back(app_id);
      })};
};

TEST_P(ApplicationRoutesTest, CreatesAndLists) {
  const auto made = json_of(call(Method::post, all, R"({"app_id":"demo","name":"Demo"})"));
  EXPECT_EQ(made.at("app_id"), "demo");
  EXPECT_EQ(made.at("name"), "Demo");
  EXPECT_EQ(made.at("created_at").as_string(), rfc3339(clock().now()));
  EXPECT_EQ(created_, std::vector<std::string>{"demo"});
  const auto listed = json_of(call(Method::get, all)).at("applications").as_array();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0], made);
  EXPECT_EQ(json_of(call(Method::get, "/api/workspace/other/application")).at("applications"),
            boost::json::array());
  EXPECT_NE(applications_.get("demo"), nullptr);
}

TEST_P(ApplicationRoutesTest, MakesAnIdWhereNoneIsGiven) {
  const auto made = json_of(call(Method::post, all, R"({"name":"遊樂園"})"));
  EXPECT_TRUE(is_id(made.at("app_id").as_string()));
  EXPECT_EQ(applications_.require(made.at("app_id").as_string())->settings.name, "遊樂園");
}

TEST_P(ApplicationRoutesTest, CreatesWhollyOrNotAtAll) {
  refuse_creation_ = true;
  EXPECT_EQ(error_of(call(Method::post, all, R"({"app_id":"demo","name":"Demo"})")).code(),
            ErrorCode::unavailable);
  EXPECT_EQ(applications_.get("demo"), nullptr);
}

TEST_P(ApplicationRoutesTest, RefusesWhatCannotBeCreated) {
  call(Method::post, all, R"({"app_id":"demo","name":"Demo"})");
  EXPECT_EQ(error_of(call(Method::post, all, R"({"app_id":"demo","name":"Again"})")).code(),
            ErrorCode::conflict);
  EXPECT_EQ(
      error_of(call(Method::post, "/api/workspace/none/application", R"({"name":"x"})")).code(),
      ErrorCode::not_found);
  const std::pair<std::string, std::string> cases[] = {
      {R"({})", "/name"},
      {R"({"name":""})", "/name"},
      {R"({"name":"x","app_id":"Demo!"})", "/app_id"},
      {R"({"name":"x","app_id":null})", "/app_id"},
      {R"({"name":"x","colour":"red"})", "/colour"},
  };
  for (const auto& [body, pointer] : cases) {
    const Error error = error_of(call(Method::post, all, body));
    EXPECT_EQ(error.code(), ErrorCode::invalid) << body;
    EXPECT_EQ(pointer_of(error), pointer) << body;
  }
}

TEST_P(ApplicationRoutesTest, AreOpenToTheRightRoles) {
  EXPECT_EQ(routes_.route(Method::get, all).access, Access::viewer);
  EXPECT_EQ(routes_.route(Method::post, all).access, Access::admin);
  EXPECT_EQ(routes_.route(Method::get, all).surface, http::Surface::console);
}

INSTANTIATE_STORE_TESTS(ApplicationRoutesTest);

}  // namespace
}  // namespace callboard::audience
