#include <gtest/gtest.h>

#include <string>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

using http::Access;
using http::Role;

constexpr auto of_app = "/api/workspace/{workspace_id}/application/{app_id}/keys";
constexpr auto of_workspace = "/api/workspace/{workspace_id}/application";
constexpr auto no_workspace = "not_found: there is no such workspace";
constexpr auto no_application = "not_found: there is no such application";

class OperatorGateTest : public test::IdentityTest {
 protected:
  test::Decision call(const std::string& token, const std::string& target, Access access,
                      const std::string& pattern = of_app) {
    return decide(access, {.target = target, .headers = {{"Authorization", "Bearer " + token}}},
                  pattern);
  }
  std::string error(const std::string& token, const std::string& target = demo,
                    Access access = Access::viewer) {
    return call(token, target, access).error;
  }
  std::string token_of(Role role, std::optional<std::vector<std::string>> apps = {}) {
    ApiToken token;
    token.workspace_id = "default";
    token.role = role;
    token.apps = std::move(apps);
    token.label = "test";
    return create_token(token);
  }
  ApiToken stored(const std::string& secret) {
    return *database().get(
        [&](db::Transaction& transaction) { return find_api_token(transaction, secret); });
  }

  static constexpr auto demo = "/api/workspace/default/application/demo/keys";
};

TEST_P(OperatorGateTest, AdmitsByToken) {
  const test::Decision decision = call(made().api_token, demo, Access::owner);
  EXPECT_EQ(decision.error, "");
  EXPECT_FALSE(decision.from_memory);
  EXPECT_EQ(decision.caller.workspace_id, "default");
  EXPECT_EQ(decision.caller.app_id, "demo");
  EXPECT_EQ(decision.caller.role, Role::owner);
  EXPECT_EQ(decision.caller.actor, "token:" + stored(made().api_token).token_id);
  EXPECT_EQ(
      decide(Access::viewer,
             {.target = demo, .headers = {{"authorization", "bearer " + made().api_token}}}, of_app)
          .error,
      "");
}

TEST_P(OperatorGateTest, RefusesBadCredentials) {
  const auto with = [&](const std::string& value) {
    return decide(Access::viewer, {.target = demo, .headers = {{"Authorization", value}}}, of_app)
        .error;
  };
  EXPECT_EQ(decide(Access::viewer, {.target = demo}, of_app).error,
            "unauthenticated: api token is missing");
  constexpr auto invalid = "unauthenticated: api token is invalid";
  for (const std::string& value :
       {std::string("Bearer"), std::string("Bearer "), std::string("Bearer cbk_guess"),
        std::string("Basic YTpi"), made().api_token, "Bearer " + made().api_token + "x",
        "Bearer  " + made().api_token, "Bearer " + made().server_key}) {
    EXPECT_EQ(with(value), invalid) << value;
  }
}

TEST_P(OperatorGateTest, WhatIsAnothersDoesNotExist) {
  write([&](db::Transaction& transaction) {
    audience::create_workspace(transaction,
                               {.workspace_id = "second", .name = "Second", .created_at = now()});
  });
  create_application("foreign", "second");
  const std::string owner = made().api_token;
  EXPECT_EQ(error(owner, "/api/workspace/second/application/foreign/keys"), no_workspace);
  EXPECT_EQ(error(owner, "/api/workspace/nowhere/application/demo/keys"), no_workspace);
  EXPECT_EQ(error(owner, "/api/workspace//application/demo/keys"), no_workspace);
  EXPECT_EQ(error(owner, "/api/workspace/default/application/foreign/keys"), no_application);
  EXPECT_EQ(error(owner, "/api/workspace/default/application/nothing/keys"), no_application);
  EXPECT_EQ(error(owner, "/api/workspace/default/application//keys"), no_application);
  // Before anything is said about roles.
  EXPECT_EQ(error(token_of(Role::viewer), "/api/workspace/second/application/foreign/keys",
                  Access::owner),
            no_workspace);
}

TEST_P(OperatorGateTest, ATokenMayBeForSomeApplications) {
  create_application("other", "default");
  const std::string limited = token_of(Role::owner, std::vector<std::string>{"other"});
  EXPECT_EQ(error(limited, "/api/workspace/default/application/other/keys"), "");
  EXPECT_EQ(error(limited), no_application);
  EXPECT_EQ(call(limited, "/api/workspace/default/application", Access::viewer, of_workspace).error,
            "forbidden: this api token is for some applications only");
  EXPECT_EQ(call(limited, "/api/me", Access::viewer, "/api/me").error, "");
  EXPECT_EQ(error(token_of(Role::owner, std::vector<std::string>{}), demo), no_application);
}

TEST_P(OperatorGateTest, EachRoleMayDoWhatThoseBeforeMay) {
  const std::vector<std::pair<Access, Role>> levels = {{Access::viewer, Role::viewer},
                                                       {Access::editor, Role::editor},
                                                       {Access::admin, Role::admin},
                                                       {Access::owner, Role::owner}};
  for (const auto& [mine, role] : levels) {
    const std::string token = token_of(role);
    for (const auto& [needed, required] : levels) {
      EXPECT_EQ(error(token, demo, needed), role >= required ? ""
                                                             : "forbidden: this needs the role " +
                                                                   std::string(name_of(required)));
    }
  }
}

TEST_P(OperatorGateTest, ATokenExpiresAndIsRevoked) {
  ApiToken token;
  token.workspace_id = "default";
  token.label = "short";
  token.expires_at = now() + std::chrono::hours{1};
  const std::string secret = create_token(token);
  EXPECT_EQ(error(secret), "");
  write([&](db::Transaction& t) { revoke_api_tokens(t, "default", "other label", now()); });
  EXPECT_EQ(error(secret), "");
  clock().advance(std::chrono::hours{1});
  EXPECT_EQ(error(secret), "unauthenticated: api token is expired");
  write([&](db::Transaction& t) { revoke_api_tokens(t, "default", "short", now()); });
  EXPECT_EQ(error(secret), "unauthenticated: api token is invalid");
}

TEST_P(OperatorGateTest, RemembersTheLastUseOnceAMinute) {
  const auto last_use = [&] { return stored(made().api_token).last_used_at; };
  // It is only queued, and other writes don't wait for it.
  const auto becomes = [&](Timestamp expected) {
    for (int step = 0; step < 1'000 && last_use() != expected; ++step) write([](auto&) {});
    return last_use() == expected;
  };
  EXPECT_EQ(last_use(), std::nullopt);
  const Timestamp first = now();
  error(made().api_token);
  EXPECT_TRUE(becomes(first));
  clock().advance(std::chrono::seconds{59});
  error(made().api_token);
  clock().advance(std::chrono::seconds{1});
  EXPECT_EQ(last_use(), first);
  error(made().api_token);
  EXPECT_TRUE(becomes(first + std::chrono::minutes{1}));
}

TEST_P(OperatorGateTest, OnlyTheHashIsKept) {
  database().read([&](db::Transaction& transaction) {
    transaction.query("SELECT hash FROM api_tokens", {}, [&](const db::Row& row) {
      EXPECT_EQ(row.text(0), view(sha256_hex(made().api_token)));
    });
  });
}

INSTANTIATE_STORE_TESTS(OperatorGateTest);

}  // namespace
}  // namespace callboard::identity
