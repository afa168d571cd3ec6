#include "audience/user_routes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/application_store.hpp"
#include "audience/audit_log.hpp"
#include "audience/user_store.hpp"
#include "audience/users.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/routes.hpp"

namespace callboard::audience {
namespace {

using http::Access;
using http::Method;

const std::string app = "/api/workspace/ws/application/demo";

class UserRoutesTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      AppSettings settings;
      settings.attributes = {{"level", "number", ""}};
      for (const char* app_id : {"demo", "other"}) {
        create_application(transaction, {app_id, "ws", settings, clock().now(), clock().now()});
      }
      for (const char* user_id : {"ann", "anna", "bert", "b b", "~"}) {
        replace_attributes(transaction, "demo", user_id, {{"city", "Tainan"}}, {}, clock().now());
      }
      replace_attributes(transaction, "other", "carl", {{"city", "Taipei"}}, {}, clock().now());
    });
  }
  http::Answer call(Method method, const std::string& below, std::string body = "") {
    http::Caller caller;
    caller.workspace_id = "ws";
    caller.app_id = "demo";
    caller.actor = "token:t";
    return routes_.call(
        {.method = method, .path = app + below, .body = std::move(body), .caller = caller});
  }
  boost::json::value json_of(const http::Answer& answer) { return parse_json(body_of(answer)); }
  std::vector<std::string> listed(const std::string& query, std::string* next = nullptr) {
    std::vector<std::string> ids;
    const auto page = json_of(call(Method::get, "/users" + query));
    for (const auto& user : page.at("users").as_array()) {
      ids.emplace_back(user.at("user_id").as_string());
    }
    if (next != nullptr) *next = page.at("next").is_null() ? "" : page.at("next").as_string();
    return ids;
  }
  std::vector<RecordedEntry> audit() {
    return database().get([&](db::Transaction& transaction) {
      AuditQuery query;
      query.workspace_id = "ws";
      return list_audit(transaction, query);
    });
  }

  using Ids = std::vector<std::string>;
  Applications applications_{database(), clock(), metrics()};
  Users users_{database(), clock(), metrics()};
  std::vector<std::string> erased_elsewhere_;
  RouteCaller routes_{
      user_routes(database(), clock(), applications_,
                  {.show =
                       [](db::Transaction&, std::string_view, std::string_view user_id) {
                         return user_id == "zoe" ? boost::json::object{{"sessions", {1}}}
                                                 : boost::json::object{};
                       },
                   .erase =
                       [this](db::Transaction&, std::string_view, std::string_view user_id) {
                         erased_elsewhere_.emplace_back(user_id);
                         return user_id == "zoe";
                       }})};
};

TEST_P(UserRoutesTest, ListsByPageAndPrefix) {
  std::string next;
  EXPECT_EQ(listed("", &next), (Ids{"ann", "anna", "b b", "bert", "~"}));
  EXPECT_EQ(next, "");
  EXPECT_EQ(listed("?q=ann"), (Ids{"ann", "anna"}));
  EXPECT_EQ(listed("?q=~"), Ids{"~"});
  EXPECT_EQ(listed("?q=x"), Ids{});
  EXPECT_EQ(listed("?size=2", &next), (Ids{"ann", "anna"}));
  EXPECT_EQ(next, "anna");
  EXPECT_EQ(listed("?size=3&after=anna", &next), (Ids{"b b", "bert", "~"}));
  EXPECT_EQ(next, "");
  EXPECT_EQ(listed("?q=ann&size=1&after=ann", &next), Ids{"anna"});
  for (const char* bad : {"?size=0", "?size=101", "?size=x", "?q=a%2Fb", "?after=%C3%A4"}) {
    EXPECT_EQ(error_of(call(Method::get, std::string("/users") + bad)).code(), ErrorCode::invalid);
  }
}

TEST_P(UserRoutesTest, ShowsOne) {
  const auto user = json_of(call(Method::get, "/users/ann"));
  EXPECT_EQ(user.at("attributes"), parse_json(R"({"city":"Tainan"})"));
  EXPECT_EQ(user.at("registered_at").as_string(), rfc3339(clock().now()));
  EXPECT_EQ(json_of(call(Method::get, "/users/b%20b")).at("user_id"), "b b");
  EXPECT_EQ(error_of(call(Method::get, "/users/carl")).code(), ErrorCode::not_found);
  EXPECT_EQ(error_of(call(Method::get, "/users/")).code(), ErrorCode::invalid);
}

TEST_P(UserRoutesTest, ChangesAttributesAndRecordsWhichButNotWhat) {
  const auto before = users_.load("demo", "ann");
  const auto changed = json_of(
      call(Method::patch, "/users/ann", R"({"attributes":{"level":7,"city":null,"vip":"hush"}})"));
  EXPECT_EQ(changed.at("attributes"), parse_json(R"({"level":7,"vip":"hush"})"));
  EXPECT_EQ(users_.load("demo", "ann")->attributes_json(), R"({"level":7,"vip":"hush"})");
  call(Method::put, "/users/new", R"({"attributes":{"level":1}})");
  EXPECT_EQ(users_.load("demo", "new")->attributes_json(), R"({"level":1})");
  const auto entries = audit();
  EXPECT_EQ(entries.at(1).entry.action, "user.update");
  EXPECT_EQ(entries.at(1).entry.subject, "user/ann");
  EXPECT_EQ(entries.at(1).entry.after, R"({"set":["level","vip"],"removed":["city"]})");
  EXPECT_EQ(entries.at(0).entry.action, "user.replace");
}

TEST_P(UserRoutesTest, HoldsAttributesToTheirDeclarations) {
  const Error error = error_of(call(Method::put, "/users/ann", R"({"attributes":{"level":"7"}})"));
  EXPECT_EQ(pointer_of(error), "/attributes/level");
  EXPECT_EQ(users_.load("demo", "ann")->attributes_json(), R"({"city":"Tainan"})");
  EXPECT_TRUE(audit().empty());
}

TEST_P(UserRoutesTest, ExportsWhatIsStoredOfOne) {
  const auto ann = json_of(call(Method::get, "/users/ann/export"));
  EXPECT_EQ(ann.at("attributes").at("city"), "Tainan");
  // Known by sessions alone.
  EXPECT_EQ(body_of(call(Method::get, "/users/zoe/export")), R"({"user_id":"zoe","sessions":[1]})");
  EXPECT_EQ(error_of(call(Method::get, "/users/carl/export")).code(), ErrorCode::not_found);
}

TEST_P(UserRoutesTest, ExportsAllPageByPage) {
  const http::Answer first = call(Method::get, "/export/users?size=3");
  EXPECT_NE(first.response.header_lines().find("X-Next-After: b b\r\n"), std::string::npos);
  const http::Answer rest = call(Method::get, "/export/users?size=3&after=b%20b");
  EXPECT_EQ(rest.response.header_lines().find("X-Next-After"), std::string::npos);
  std::string all = body_of(first) + body_of(rest);
  Ids ids;
  for (std::size_t end; (end = all.find('\n')) != std::string::npos; all.erase(0, end + 1)) {
    ids.emplace_back(parse_json(all.substr(0, end)).at("user_id").as_string());
  }
  EXPECT_EQ(ids, (Ids{"ann", "anna", "b b", "bert", "~"}));
}

TEST_P(UserRoutesTest, Erases) {
  EXPECT_TRUE(users_.load("demo", "ann")->exists());
  EXPECT_EQ(body_of(call(Method::delete_, "/users/ann")), R"({"user_id":"ann"})");
  EXPECT_FALSE(users_.load("demo", "ann")->exists());
  EXPECT_EQ(erased_elsewhere_, Ids{"ann"});
  EXPECT_EQ(listed("?q=ann"), Ids{"anna"});
  const AuditEntry entry = audit().at(0).entry;
  EXPECT_EQ(entry.action, "user.erase");
  EXPECT_EQ(entry.before + entry.after, "");
  EXPECT_EQ(error_of(call(Method::delete_, "/users/ann")).code(), ErrorCode::not_found);
  body_of(call(Method::delete_, "/users/zoe"));
  EXPECT_EQ(audit().size(), 2u);
}

TEST_P(UserRoutesTest, AreOpenToTheRightRoles) {
  EXPECT_EQ(routes_.route(Method::get, app + "/users").access, Access::viewer);
  EXPECT_EQ(routes_.route(Method::patch, app + "/users/a").access, Access::editor);
  EXPECT_EQ(routes_.route(Method::delete_, app + "/users/a").access, Access::admin);
  EXPECT_EQ(routes_.route(Method::get, app + "/export/users").access, Access::admin);
}

INSTANTIATE_STORE_TESTS(UserRoutesTest);

}  // namespace
}  // namespace callboard::audience
