#include "audience/user_info_routes.hpp"

#include <gtest/gtest.h>

#include "audience/application_store.hpp"
#include "base/error.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/routes.hpp"

namespace callboard::audience {
namespace {

using http::Method;

constexpr auto own = "/bp/user/info";
constexpr auto of_ann = "/bp/server/user/ann/info";
constexpr auto of_many = "/bp/server/users/info";

class UserInfoRoutesTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      AppSettings settings;
      settings.server_only_attributes = {"vip", "credit"};
      create_application(transaction, {"demo", "ws", settings, clock().now(), clock().now()});
    });
  }
  http::Answer as_client(Method method, std::string body = "") {
    http::Caller caller;
    caller.app_id = "demo";
    caller.user_id = "ann";
    return routes_.call({.method = method, .path = own, .body = std::move(body), .caller = caller});
  }
  http::Answer as_backend(Method method, std::string path, std::string body = "") {
    http::Caller caller;
    caller.app_id = "demo";
    return routes_.call(
        {.method = method, .path = std::move(path), .body = std::move(body), .caller = caller});
  }

  Applications applications_{database(), clock(), metrics()};
  Users users_{database(), clock(), metrics()};
  RouteCaller routes_{user_info_routes(applications_, users_)};
};

TEST_P(UserInfoRoutesTest, LetsAUserWriteAndReadItsAttributes) {
  EXPECT_EQ(body_of(as_client(Method::get)), R"({"attributes":{}})");
  EXPECT_EQ(
      body_of(as_client(
          Method::put, R"({"attributes":{"age":9,"city":"Tainan","vips":true,"tags":["a","b"]}})")),
      R"({"attributes":{"age":9,"city":"Tainan","tags":["a","b"],"vips":true}})");
  EXPECT_EQ(body_of(as_client(Method::patch, R"({"attributes":{"age":10,"tags":null}})")),
            R"({"attributes":{"age":10,"city":"Tainan","vips":true}})");
  EXPECT_EQ(body_of(as_client(Method::get)),
            R"({"attributes":{"age":10,"city":"Tainan","vips":true}})");
  EXPECT_EQ(body_of(as_client(Method::put, R"({"attributes":{}})")), R"({"attributes":{}})");
}

TEST_P(UserInfoRoutesTest, AnswersReadsFromMemory) {
  as_client(Method::get);
  EXPECT_FALSE(routes_.was_from_memory());
  as_client(Method::get);
  EXPECT_TRUE(routes_.was_from_memory());
  as_client(Method::patch, R"({"attributes":{"age":10}})");
  as_client(Method::get);
  EXPECT_FALSE(routes_.was_from_memory());
  EXPECT_EQ(body_of(as_backend(Method::get, of_ann)), R"({"attributes":{"age":10}})");
  EXPECT_TRUE(routes_.was_from_memory());
}

TEST_P(UserInfoRoutesTest, LetsABackendWriteForAnyUser) {
  EXPECT_EQ(body_of(as_backend(Method::put, "/bp/server/user/a%2Bb%20c/info",
                               R"({"attributes":{"vip":true}})")),
            R"({"attributes":{"vip":true}})");
  EXPECT_EQ(users_.load("demo", "a+b c")->attributes_json(), R"({"vip":true})");
  EXPECT_EQ(body_of(as_backend(Method::patch, of_ann, R"({"attributes":{"credit":5}})")),
            R"({"attributes":{"credit":5}})");
}

TEST_P(UserInfoRoutesTest, KeepsServerOnlyAttributesFromClients) {
  as_backend(Method::put, of_ann, R"({"attributes":{"vip":true,"age":9}})");
  for (const Method method : {Method::put, Method::patch}) {
    for (const auto* value : {"false", "null"}) {
      const std::string body = std::string(R"({"attributes":{"age":1,"vip":)") + value + "}}";
      const Error error = error_of(as_client(method, body));
      EXPECT_EQ(error.code(), ErrorCode::forbidden);
      EXPECT_EQ(error.message(), "attribute vip is not a client's to write");
      EXPECT_EQ(pointer_of(error), "/attributes/vip");
    }
  }
  EXPECT_EQ(body_of(as_client(Method::put, R"({"attributes":{"city":"Tainan"}})")),
            R"({"attributes":{"city":"Tainan","vip":true}})");
}

TEST_P(UserInfoRoutesTest, PointsAtWhatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {R"()", ""},
      {R"([])", ""},
      {R"({})", "/attributes"},
      {R"({"attributes":[]})", "/attributes"},
      {R"({"attributes":{},"user_id":"ann"})", "/user_id"},
      {R"({"attributes":{"age":{}}})", "/attributes/age"},
      {R"({"attributes":{"now":1}})", "/attributes/now"},
  };
  for (const auto& [body, pointer] : cases) {
    for (const Method method : {Method::put, Method::patch}) {
      const Error error = error_of(as_client(method, body));
      EXPECT_EQ(error.code(), ErrorCode::invalid) << body;
      EXPECT_EQ(pointer_of(error), pointer) << body;
    }
  }
  EXPECT_FALSE(users_.load("demo", "ann")->exists());
}

TEST_P(UserInfoRoutesTest, RefusesWhatIsNoUserId) {
  for (const Method method : {Method::get, Method::put, Method::patch}) {
    const Error error =
        error_of(as_backend(method, "/bp/server/user//info", R"({"attributes":{}})"));
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    EXPECT_EQ(error.message(), "user_id is empty");
  }
  EXPECT_EQ(error_of(as_backend(Method::get, "/bp/server/user/a%2Fb/info")).code(),
            ErrorCode::invalid);
  EXPECT_EQ(error_of(as_backend(Method::get, "/bp/server/user/" + std::string(129, 'u') + "/info"))
                .code(),
            ErrorCode::invalid);
}

TEST_P(UserInfoRoutesTest, MergesManyUsers) {
  as_backend(Method::put, of_ann, R"({"attributes":{"age":9}})");
  EXPECT_EQ(body_of(as_backend(Method::put, of_many,
                               R"([{"user_id":"ann","attributes":{"vip":true}},
                                   {"user_id":"bob","attributes":{"vip":false}}])")),
            R"({"users":2})");
  EXPECT_EQ(users_.load("demo", "ann")->attributes_json(), R"({"age":9,"vip":true})");
  EXPECT_EQ(users_.load("demo", "bob")->attributes_json(), R"({"vip":false})");
  EXPECT_EQ(body_of(as_backend(Method::put, of_many, "[]")), R"({"users":0})");
}

TEST_P(UserInfoRoutesTest, PointsAtTheUserThatIsWrong) {
  const std::string good = R"({"user_id":"ann","attributes":{"age":9}})";
  const std::pair<std::string, std::string> cases[] = {
      {R"({})", ""},
      {"[" + good + ",7]", "/1"},
      {"[" + good + R"(,{"user_id":"","attributes":{}}])", "/1/user_id"},
      {"[" + good + R"(,{"user_id":7,"attributes":{}}])", "/1/user_id"},
      {"[" + good + R"(,{"attributes":{}}])", "/1/user_id"},
      {"[" + good + R"(,{"user_id":"b"}])", "/1/attributes"},
      {"[" + good + R"(,{"user_id":"b","attributes":{"x":{}}}])", "/1/attributes/x"},
      {"[" + good + R"(,{"user_id":"b","attributes":{},"n":1}])", "/1/n"},
  };
  for (const auto& [body, pointer] : cases) {
    const Error error = error_of(as_backend(Method::put, of_many, body));
    EXPECT_EQ(error.code(), ErrorCode::invalid) << body;
    EXPECT_EQ(pointer_of(error), pointer) << body;
  }
  EXPECT_FALSE(users_.load("demo", "ann")->exists());
  std::string many = "[";
  for (int i = 0; i < 1001; ++i) many += (i == 0 ? "" : ",") + good;
  EXPECT_EQ(pointer_of(error_of(as_backend(Method::put, of_many, many + "]"))), "");
}

TEST_P(UserInfoRoutesTest, AreOpenToTheRightCallers) {
  for (const Method method : {Method::get, Method::put, Method::patch}) {
    EXPECT_EQ(routes_.route(method, own).access, http::Access::client);
    EXPECT_EQ(routes_.route(method, of_ann).access, http::Access::backend);
  }
  EXPECT_EQ(routes_.route(Method::put, of_many).access, http::Access::backend);
  EXPECT_EQ(routes_.route(Method::put, of_many).surface, http::Surface::app);
}

INSTANTIATE_STORE_TESTS(UserInfoRoutesTest);

}  // namespace
}  // namespace callboard::audience
