#include "audience/audit_log.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/audit_routes.hpp"
#include "base/json.hpp"
#include "tests/support/databases.hpp"
#include "tests/support/routes.hpp"

namespace callboard::audience {
namespace {

class AuditLogTest : public StoreTest {
 protected:
  void add(AuditEntry entry) {
    write([&](db::Transaction& transaction) { record(transaction, entry, clock().now()); });
  }
  void add(const char* workspace_id, const char* app_id, const char* actor, const char* action) {
    AuditEntry entry = command_entry(workspace_id, app_id, action, "");
    entry.actor = actor;
    add(entry);
  }
  boost::json::value list(const std::string& query = "") {
    return parse_json(body_of(routes_.call({.path = "/api/workspace/ws/audit" + query})));
  }
  // The actions in the order listed.
  std::string actions(const std::string& query = "") {
    std::string all;
    const boost::json::value answer = list(query);
    for (const auto& entry : answer.at("entries").as_array()) {
      all += (all.empty() ? "" : " ") + std::string(entry.at("action").as_string());
    }
    return all;
  }
  ErrorCode refusal(const std::string& query) {
    return error_of(routes_.call({.path = "/api/workspace/ws/audit" + query})).code();
  }

  RouteCaller routes_{audit_routes(database())};
};

TEST_P(AuditLogTest, ShowsAllOfAnEntry) {
  http::Request request;
  request.caller.workspace_id = "ws";
  request.caller.app_id = "demo";
  request.caller.actor = "token:abc";
  request.peer = "192.0.2.7";
  AuditEntry entry = audit_entry(request, "bulletin.update", "bulletin/12");
  entry.before = R"({"name":"old"})";
  entry.after = R"({"name":"new"})";
  add(entry);
  const auto answer = list();
  EXPECT_TRUE(answer.at("before").is_null());
  const auto shown = answer.at("entries").as_array().at(0);
  EXPECT_EQ(shown, boost::json::value({{"entry", 1},
                                       {"at", rfc3339(clock().now())},
                                       {"actor", "token:abc"},
                                       {"address", "192.0.2.7"},
                                       {"app_id", "demo"},
                                       {"action", "bulletin.update"},
                                       {"subject", "bulletin/12"},
                                       {"before", {{"name", "old"}}},
                                       {"after", {{"name", "new"}}}}));
}

TEST_P(AuditLogTest, SaysNullForWhatThereIsNot) {
  add(command_entry("ws", "", "member.remove", "member/x"));
  const auto listed = list();
  const auto& shown = listed.at("entries").at(0);
  EXPECT_EQ(shown.at("actor"), "command");
  for (const char* member : {"app_id", "before", "after"}) EXPECT_TRUE(shown.at(member).is_null());
}

TEST_P(AuditLogTest, ListsNewestFirstAndOnlyOfTheWorkspace) {
  add("ws", "", "a", "one.x");
  add("other", "", "a", "two.x");
  add("ws", "", "a", "three.x");
  EXPECT_EQ(actions(), "three.x one.x");
}

TEST_P(AuditLogTest, Filters) {
  add("ws", "demo", "token:a", "bulletin.create");
  add("ws", "other", "token:b", "bulletin.update");
  add("ws", "demo", "token:b", "bulletinboard.update");
  EXPECT_EQ(actions("?app=demo"), "bulletinboard.update bulletin.create");
  EXPECT_EQ(actions("?actor=token%3Ab"), "bulletinboard.update bulletin.update");
  EXPECT_EQ(actions("?action=bulletin"), "bulletin.update bulletin.create");
  EXPECT_EQ(actions("?action=bulletin.create"), "bulletin.create");
  EXPECT_EQ(actions("?action=bull%25"), "");
  EXPECT_EQ(actions("?app=demo&actor=token:b"), "bulletinboard.update");
}

TEST_P(AuditLogTest, PagesByCursor) {
  for (const char* action : {"a", "b", "c", "d", "e"}) add("ws", "", "x", action);
  EXPECT_EQ(actions("?limit=2"), "e d");
  const auto cursor = [&](const std::string& query) {
    return std::to_string(list(query).at("before").as_int64());
  };
  const std::string second = "?limit=2&before=" + cursor("?limit=2");
  EXPECT_EQ(actions(second), "c b");
  const std::string third = "?limit=2&before=" + cursor(second);
  EXPECT_EQ(actions(third), "a");
  EXPECT_TRUE(list(third).at("before").is_null());
}

TEST_P(AuditLogTest, RefusesBadQueries) {
  for (const char* query : {"?before=0", "?before=x", "?limit=201", "?limit=", "?colour=red"}) {
    EXPECT_EQ(refusal(query), ErrorCode::invalid) << query;
  }
}

TEST_P(AuditLogTest, IsUndoneWithItsChange) {
  EXPECT_THROW(write([&](db::Transaction& transaction) {
                 record(transaction, command_entry("ws", "", "x", ""), clock().now());
                 throw Error(ErrorCode::conflict, "no");
               }),
               Error);
  EXPECT_EQ(actions(), "");
}

TEST_P(AuditLogTest, IsForAdministratorsToRead) {
  EXPECT_EQ(routes_.route(http::Method::get, "/api/workspace/ws/audit").access,
            http::Access::admin);
}

INSTANTIATE_STORE_TESTS(AuditLogTest);

}  // namespace
}  // namespace callboard::audience
