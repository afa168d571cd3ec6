#include "audience/settings_routes.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/application_store.hpp"
#include "audience/audit_log.hpp"
#include "audience/user_store.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/routes.hpp"
#include "tests/support/secrets.hpp"

namespace callboard::audience {
namespace {

using http::Access;
using http::Method;

const std::string all = "/api/workspace/ws/application";
const std::string demo = all + "/demo";

class SettingsRoutesTest : public StoreTest {
 protected:
  void SetUp() override {
    write([&](db::Transaction& transaction) {
      create_workspace(transaction, {"ws", "Workspace", clock().now()});
      create_workspace(transaction, {"other", "Another", clock().now()});
      AppSettings settings;
      settings.name = "Demo";
      create_application(transaction, {"demo", "ws", settings, clock().now(), clock().now()});
    });
  }
  http::Answer call(Method method, std::string path, std::string body = "") {
    http::Caller caller;
    caller.workspace_id = "ws";
    caller.app_id = "demo";
    caller.actor = "token:t";
    return routes_.call(
        {.method = method, .path = std::move(path), .body = std::move(body), .caller = caller});
  }
  boost::json::value json_of(const http::Answer& answer) { return parse_json(body_of(answer)); }
  std::vector<std::string> names() {
    std::vector<std::string> result;
    const auto listed = json_of(call(Method::get, demo + "/variables"));
    for (const auto& each : listed.at("variables").as_array()) {
      result.emplace_back(each.at("name").as_string());
    }
    return result;
  }
  std::vector<RecordedEntry> audit() {
    return database().get([&](db::Transaction& transaction) {
      AuditQuery query;
      query.workspace_id = "ws";
      return list_audit(transaction, query);
    });
  }

  Applications applications_{database(), clock(), metrics()};
  DataProviders providers_{applications_};
  RouteCaller routes_{settings_routes(database(), clock(), applications_, providers_,
                                      test::visible_secrets(), nullptr)};
};

TEST_P(SettingsRoutesTest, ReadsAndChangesSettings) {
  EXPECT_EQ(json_of(call(Method::get, demo + "/settings")).at("undeclared_attributes"), true);
  const auto changed =
      json_of(call(Method::patch, demo + "/settings",
                   R"({"time_zone":"Asia/Taipei","server_only_attributes":["vip"]})"));
  EXPECT_EQ(changed.at("name"), "Demo");
  EXPECT_EQ(changed.at("time_zone"), "Asia/Taipei");
  EXPECT_EQ(json_of(call(Method::get, demo + "/settings")), changed);
  const Error error =
      error_of(call(Method::patch, demo + "/settings", R"({"name":"x","hosts":["a/b"]})"));
  EXPECT_EQ(pointer_of(error), "/hosts/0");
  EXPECT_EQ(json_of(call(Method::get, demo + "/settings")), changed);
}

TEST_P(SettingsRoutesTest, ListsVariables) {
  call(Method::patch, demo + "/settings", R"({"server_only_attributes":["vip"]})");
  const auto variables = json_of(call(Method::get, demo + "/variables")).at("variables").as_array();
  ASSERT_EQ(variables.size(), 8u);
  EXPECT_EQ(variables[0].at("name"), "user_id");
  EXPECT_EQ(variables[0].at("provider"), "user");
  EXPECT_EQ(variables[7].at("name"), "vip");
  EXPECT_EQ(variables[7].at("provider"), "attributes");
}

TEST_P(SettingsRoutesTest, HidesTheApplicationsOfAnotherWorkspace) {
  const std::string foreign = "/api/workspace/other/application/demo";
  for (const auto& [method, path] : {std::pair{Method::get, "/settings"},
                                     {Method::patch, "/settings"},
                                     {Method::get, "/variables"}}) {
    EXPECT_EQ(error_of(call(method, foreign + path, R"({"name":"stolen"})")).code(),
              ErrorCode::not_found);
    EXPECT_EQ(error_of(call(method, all + "/none" + path, R"({"name":"x"})")).code(),
              ErrorCode::not_found);
  }
  EXPECT_EQ(applications_.get("demo")->settings.name, "Demo");
}

TEST_P(SettingsRoutesTest, ListsAttributesThatUsersHave) {
  write([&](db::Transaction& transaction) {
    const Timestamp now = clock().now();
    replace_attributes(transaction, "demo", "ann", {{"city", "Tainan"}, {"vip", 1}}, {}, now);
    replace_attributes(transaction, "demo", "bert", {{"vip", true}, {"level", 7}}, {}, now);
  });
  call(Method::put, demo + "/variables/level", R"({"type":"number"})");
  EXPECT_EQ(names().size(), 10u);
  EXPECT_EQ(names().at(8), "city");
  const auto listed = json_of(call(Method::get, demo + "/variables")).at("variables");
  EXPECT_EQ(listed.at(7).at("description"), "");
  EXPECT_EQ(listed.at(8).at("type"), "string");
  EXPECT_EQ(listed.at(9).at("type"), "any");
  // Where a condition could not name them they are not offered.
  call(Method::patch, demo + "/settings", R"({"undeclared_attributes":false})");
  EXPECT_EQ(names().size(), 8u);
}

TEST_P(SettingsRoutesTest, DeclaresAttributesOneByOne) {
  const auto declared = json_of(call(Method::put, demo + "/variables/level",
                                     R"({"type":"number","description":"How far they are"})"));
  EXPECT_EQ(declared, parse_json(R"({"name":"level","type":"number",
                                     "description":"How far they are"})"));
  call(Method::put, demo + "/variables/born", R"({"type":"datetime"})");
  EXPECT_EQ(names().at(7), "born");
  EXPECT_EQ(names().at(8), "level");
  EXPECT_TRUE(providers_.is_declared("demo", "level"));
  call(Method::put, demo + "/variables/level", R"({"type":"string"})");
  EXPECT_EQ(applications_.require("demo")->settings.declared("level")->type, "string");
  EXPECT_EQ(body_of(call(Method::delete_, demo + "/variables/level")), R"({"name":"level"})");
  EXPECT_EQ(names().size(), 8u);
  EXPECT_EQ(error_of(call(Method::delete_, demo + "/variables/level")).code(),
            ErrorCode::not_found);
}

TEST_P(SettingsRoutesTest, RefusesDeclarationsThatMakeNoSense) {
  const std::string path = demo + "/variables/";
  EXPECT_EQ(pointer_of(error_of(call(Method::put, path + "a", R"({"type":"int"})"))), "/type");
  EXPECT_EQ(pointer_of(error_of(call(Method::put, path + "a", R"({"name":"b"})"))), "/name");
  EXPECT_EQ(error_of(call(Method::put, path + "user_id", "{}")).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(call(Method::put, path + "a%20b", "{}")).code(), ErrorCode::invalid);
  EXPECT_EQ(names().size(), 7u);
}

TEST_P(SettingsRoutesTest, ShowsNoSecretOfAProvider) {
  const std::string change = R"({"providers":[{"name":"loyalty","url":"https://example.org/v",
      "variables":[{"name":"tier"}],"header":{"name":"Authorization","value":"Bearer hush"}}]})";
  const auto changed = json_of(call(Method::patch, demo + "/settings", change));
  const auto header = parse_json(R"({"name":"Authorization","value":"********"})");
  EXPECT_EQ(changed.at("providers").at(0).at("header"), header);
  const auto listed = json_of(call(Method::get, demo + "/providers"));
  EXPECT_EQ(listed.at("providers"), changed.at("providers"));
  for (const RecordedEntry& entry : audit()) {
    EXPECT_EQ(entry.entry.before.find("hush"), std::string::npos);
    EXPECT_EQ(entry.entry.after.find("hush"), std::string::npos);
  }
  // Given back as it was shown, it stays.
  call(Method::patch, demo + "/settings",
       boost::json::serialize(boost::json::object{{"providers", changed.at("providers")}}));
  const ProviderSettings provider = applications_.require("demo")->settings.providers.at(0);
  EXPECT_EQ(test::visible_secrets().open("demo/provider/loyalty", provider.sealed_header_value),
            "Bearer hush");
}

TEST_P(SettingsRoutesTest, RecordsWhatChanged) {
  call(Method::put, demo + "/variables/level", R"({"type":"number"})");
  const AuditEntry entry = audit().at(0).entry;
  EXPECT_EQ(entry.action, "variable.declare");
  EXPECT_EQ(entry.subject, "variable/level");
  EXPECT_EQ(entry.before, R"({"name":"level"})");
  EXPECT_EQ(entry.after, R"({"name":"level","type":"number","description":""})");
}

TEST_P(SettingsRoutesTest, AreOpenToTheRightRoles) {
  EXPECT_EQ(routes_.route(Method::get, demo + "/settings").access, Access::viewer);
  EXPECT_EQ(routes_.route(Method::patch, demo + "/settings").access, Access::admin);
  EXPECT_EQ(routes_.route(Method::get, demo + "/variables").access, Access::viewer);
  EXPECT_EQ(routes_.route(Method::put, demo + "/variables/a").access, Access::admin);
}

INSTANTIATE_STORE_TESTS(SettingsRoutesTest);

}  // namespace
}  // namespace callboard::audience
