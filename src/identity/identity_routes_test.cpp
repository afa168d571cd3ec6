#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "base/json.hpp"
#include "tests/support/identity.hpp"
#include "tests/support/jws_keys.hpp"
#include "tests/support/routes.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;

class IdentityRoutesTest : public test::IdentityTest {
 protected:
  http::Answer as_app(const std::string& path, const std::string& body = "") {
    http::Caller caller;
    caller.app_id = "demo";
    return sessions_routes_.call(
        {.method = Method::post, .path = path, .body = body, .caller = caller});
  }
  http::Answer refresh(const std::string& token) {
    return as_app("/bp/session/refresh", R"({"refresh_token":")" + token + "\"}");
  }
  static json::object json_of(const http::Answer& answer) {
    return parse_json(body_of(answer)).as_object();
  }
  static std::string text(const json::object& object, std::string_view name) {
    return std::string(object.at(name).as_string());
  }
  std::string refusal_of(const http::Answer& answer) {
    const Error error = error_of(answer);
    return std::string(callboard::name_of(error.code())) + ": " + error.message();
  }
  // Whether the gate admits this session token, and whom.
  std::string user_of(const std::string& token) {
    const auto decision = decide(Access::client, signed_by(made().client_key, token, {}));
    return decision.error.empty() ? std::string(decision.caller.user_id) : decision.error;
  }
  void allow_anonymous() {
    write([&](db::Transaction& transaction) {
      audience::AppSettings settings;
      settings.name = "Demo";
      settings.anonymous_sessions = true;
      audience::update_settings(transaction, "demo", settings, now());
    });
  }
  http::Answer operate(Method method, const std::string& path, const std::string& body = "") {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = "demo";
    actor_ = "token:" + stored_token_id();
    caller.actor = actor_;
    caller.role = http::Role::owner;
    return operator_routes_.call({.method = method, .path = path, .body = body, .caller = caller});
  }
  std::string stored_token_id() {
    return database()
        .get([&](db::Transaction& transaction) {
          return find_api_token(transaction, made().api_token);
        })
        ->token_id;
  }
  std::string pointer_of_refusal(const std::string& body) {
    return pointer_of(error_of(operate(Method::post, all_keys, body)));
  }

  http::Routes operator_routes() {
    http::Routes all = key_routes(database(), keys(), clock());
    std::ranges::move(workspace_routes(database(), clock()), std::back_inserter(all));
    return all;
  }

  static constexpr auto all_keys = "/api/workspace/default/application/demo/keys";

 private:
  std::string actor_;
  RouteCaller sessions_routes_{session_routes(database(), applications(), trust(), sessions())};
  RouteCaller operator_routes_{operator_routes()};
};

TEST_P(IdentityRoutesTest, ABackendOpensASessionForItsUser) {
  const json::object opened = json_of(as_app("/bp/server/user/alice%20b/session", "{}"));
  EXPECT_EQ(text(opened, "user_id"), "alice b");
  EXPECT_EQ(opened.at("expires_in").as_int64(), 86'400);
  EXPECT_EQ(user_of(text(opened, "session_token")), "alice b");
}

TEST_P(IdentityRoutesTest, AUserIdFollowsTheRule) {
  EXPECT_EQ(refusal_of(as_app("/bp/server/user//session")), "invalid: user_id is empty");
  EXPECT_EQ(error_of(as_app("/bp/server/user/a%2Fb/session")).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(as_app("/bp/server/user/%E5%85%AC/session")).code(), ErrorCode::invalid);
  EXPECT_EQ(error_of(as_app("/bp/server/user/" + std::string(129, 'a') + "/session")).code(),
            ErrorCode::invalid);
  body_of(as_app("/bp/server/user/" + std::string(128, 'a') + "/session"));
}

TEST_P(IdentityRoutesTest, AnonymousSessionsAreAChoiceOfTheApplication) {
  EXPECT_EQ(error_of(as_app("/bp/session")).code(), ErrorCode::forbidden);
  allow_anonymous();
  const json::object first = json_of(as_app("/bp/session"));
  const json::object second = json_of(as_app("/bp/session"));
  EXPECT_TRUE(text(first, "user_id").starts_with("anon-"));
  EXPECT_NE(text(first, "user_id"), text(second, "user_id"));
  EXPECT_EQ(user_of(text(first, "session_token")), text(first, "user_id"));
}

TEST_P(IdentityRoutesTest, ARefreshCarriesTheSessionOn) {
  const json::object opened = json_of(as_app("/bp/server/user/alice/session"));
  clock().advance(std::chrono::hours{25});
  EXPECT_EQ(user_of(text(opened, "session_token")), "unauthenticated: jwt token is expired");
  const json::object next = json_of(refresh(text(opened, "refresh_token")));
  EXPECT_EQ(text(next, "user_id"), "alice");
  EXPECT_NE(text(next, "refresh_token"), text(opened, "refresh_token"));
  EXPECT_EQ(user_of(text(next, "session_token")), "alice");
}

TEST_P(IdentityRoutesTest, ReuseOfARefreshTokenRevokesTheFamily) {
  const json::object opened = json_of(as_app("/bp/server/user/alice/session"));
  const json::object bystander = json_of(as_app("/bp/server/user/alice/session"));
  const json::object next = json_of(refresh(text(opened, "refresh_token")));
  EXPECT_EQ(user_of(text(next, "session_token")), "alice");
  EXPECT_EQ(refusal_of(refresh(text(opened, "refresh_token"))),
            "unauthenticated: refresh token is invalid");
  constexpr auto invalid = "unauthenticated: jwt token is invalid";
  EXPECT_EQ(user_of(text(opened, "session_token")), invalid);
  EXPECT_EQ(user_of(text(next, "session_token")), invalid);
  EXPECT_EQ(error_of(refresh(text(next, "refresh_token"))).code(), ErrorCode::unauthenticated);
  EXPECT_EQ(user_of(text(bystander, "session_token")), "alice");
  json_of(refresh(text(bystander, "refresh_token")));
}

TEST_P(IdentityRoutesTest, RefusesForeignAndStaleRefreshTokens) {
  const json::object opened = json_of(as_app("/bp/server/user/alice/session"));
  const std::string token = text(opened, "refresh_token");
  EXPECT_EQ(error_of(refresh("cbr_guess")).code(), ErrorCode::unauthenticated);
  EXPECT_EQ(error_of(refresh("")).code(), ErrorCode::unauthenticated);
  create_application("other", "default");
  const auto of_other = database().get([&](db::Transaction&) { return trust().keys("other"); });
  write([&](db::Transaction& transaction) {
    EXPECT_FALSE(sessions().refresh(transaction, *of_other, "other", token));
  });
  clock().advance(refresh_life);
  EXPECT_EQ(error_of(refresh(token)).code(), ErrorCode::unauthenticated);
}

TEST_P(IdentityRoutesTest, ARefreshNeedsItsBody) {
  EXPECT_EQ(pointer_of(error_of(as_app("/bp/session/refresh", "{}"))), "/refresh_token");
  EXPECT_EQ(pointer_of(error_of(as_app("/bp/session/refresh", R"({"refresh_token":1})"))),
            "/refresh_token");
  EXPECT_EQ(
      pointer_of(error_of(as_app("/bp/session/refresh", R"({"refresh_token":"x","extra":1})"))),
      "/extra");
  EXPECT_EQ(error_of(as_app("/bp/session/refresh", "")).code(), ErrorCode::invalid);
}

TEST_P(IdentityRoutesTest, OnlyTheHashOfARefreshTokenIsKept) {
  const json::object opened = json_of(as_app("/bp/server/user/alice/session"));
  database().read([&](db::Transaction& transaction) {
    transaction.query("SELECT hash FROM refresh_tokens", {}, [&](const db::Row& row) {
      EXPECT_EQ(row.text(0), view(sha256_hex(text(opened, "refresh_token"))));
    });
  });
}

TEST_P(IdentityRoutesTest, SaysWhoIAm) {
  const json::object me = json_of(operate(Method::get, "/api/me"));
  EXPECT_EQ(text(me, "role"), "owner");
  EXPECT_EQ(text(me, "workspace_id"), "default");
  EXPECT_EQ(text(me, "label"), "init");
  EXPECT_TRUE(me.at("apps").is_null());
  EXPECT_EQ(body_of(operate(Method::get, "/api/workspace")),
            R"({"workspaces":[{"workspace_id":"default","name":"Default","role":"owner"}]})");
}

TEST_P(IdentityRoutesTest, RotatesKeys) {
  const json::object issued = json_of(operate(Method::post, all_keys, R"({"kind":"client"})"));
  EXPECT_TRUE(text(issued, "secret").starts_with("cbc_"));
  EXPECT_EQ(refusal(Access::client, signed_by(text(issued, "secret"), session_token("a"), {})), "");
  EXPECT_EQ(error_of(operate(Method::post, all_keys, R"({"kind":"client"})")).code(),
            ErrorCode::conflict);
  const std::string one_key = std::string(all_keys) + "/" + text(issued, "key_id");
  body_of(operate(Method::delete_, one_key));
  EXPECT_EQ(error_of(operate(Method::delete_, one_key)).code(), ErrorCode::not_found);
  EXPECT_EQ(refusal(Access::client, signed_by(text(issued, "secret"), session_token("a"), {})),
            "bad_signature: signature mismatch");
}

TEST_P(IdentityRoutesTest, ListsKeysWithoutSecrets) {
  const std::string listed = body_of(operate(Method::get, all_keys));
  EXPECT_EQ(listed.find("cbc_"), std::string::npos);
  EXPECT_EQ(listed.find("cbs_"), std::string::npos);
  EXPECT_EQ(listed.find("session"), std::string::npos);
  const json::value all = parse_json(listed);
  EXPECT_EQ(all.at("keys").as_array().size(), 2u);
}

TEST_P(IdentityRoutesTest, RegistersPublicKeys) {
  const jws::Key key = jws::Key::private_key(test::new_ec());
  const json::object body{{"kind", "server"}, {"alg", "ES256"}, {"public_key", key.public_pem()}};
  const json::object issued = json_of(operate(Method::post, all_keys, json::serialize(body)));
  EXPECT_FALSE(issued.contains("secret"));
  const std::string token =
      mint_server_token(key, "demo", now(), std::chrono::minutes{1}, text(issued, "key_id"));
  EXPECT_EQ(refusal(Access::backend, {.headers = {{std::string(server_token_header), token}}}), "");
}

TEST_P(IdentityRoutesTest, NamesTheCulpritOfABadKey) {
  const std::string pem =
      json::serialize(json::string(jws::Key::private_key(test::new_ed25519()).public_pem()));
  EXPECT_EQ(pointer_of_refusal("{}"), "/kind");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"session"})"), "/kind");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":1})"), "/kind");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","alg":"none"})"), "/alg");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","alg":"RS256"})"), "/public_key");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","alg":"RS256","public_key":)" + pem + "}"),
            "/alg");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","alg":"HS256","public_key":)" + pem + "}"),
            "/alg");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"client","public_key":)" + pem + "}"), "/public_key");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","public_key":"x"})"), "/public_key");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","public_key":"{\"kty\":"})"), "/public_key");
  EXPECT_EQ(pointer_of_refusal(R"({"kind":"server","secret":"mine"})"), "/secret");
}

TEST_P(IdentityRoutesTest, InitShowsTheSameKeysAndANewToken) {
  const Bootstrap again = bootstrap(database(), keys(), clock());
  EXPECT_EQ(again.workspace_id, "default");
  EXPECT_EQ(again.app_id, "demo");
  EXPECT_EQ(again.client_key, made().client_key);
  EXPECT_EQ(again.server_key, made().server_key);
  EXPECT_EQ(again.server_key_id, made().server_key_id);
  EXPECT_NE(again.api_token, made().api_token);
  const auto with = [&](const std::string& token) {
    return decide(Access::owner,
                  {.target = "/api/me", .headers = {{"Authorization", "Bearer " + token}}},
                  "/api/me")
        .error;
  };
  EXPECT_EQ(with(again.api_token), "");
  EXPECT_EQ(with(made().api_token), "unauthenticated: api token is invalid");
}

INSTANTIATE_STORE_TESTS(IdentityRoutesTest);

}  // namespace
}  // namespace callboard::identity
