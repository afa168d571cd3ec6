#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/identity.hpp"

namespace callboard::identity {
namespace {

using http::Access;
using http::Method;

constexpr auto invalid_token = "unauthenticated: access token is invalid";
constexpr auto nobody = "unauthenticated: nobody is logged in";

class PersonGateTest : public test::IdentityTest {
 protected:
  OpenedSession log_in(const std::string& user_id, const std::string& app_id = "demo") {
    OpenedSession opened;
    write([&](db::Transaction& transaction) {
      opened =
          sessions().open(transaction, *trust().keys(app_id), app_id, user_id, SessionKind::person);
    });
    return opened;
  }
  void allow_origin(const std::string& origin) {
    audience::AppSettings settings;
    settings.name = "demo";
    settings.allowed_origins = {origin};
    write([&](db::Transaction& transaction) {
      audience::update_settings(transaction, "demo", settings, now());
    });
  }
  static Sent with_cookie(const std::string& cookie, Method method = Method::get) {
    return {.method = method, .target = "/users/events", .headers = {{"Cookie", cookie}}};
  }
  static Sent bearer(const std::string& token) {
    return {.target = "/users/events", .headers = {{"Authorization", "Bearer " + token}}};
  }
  std::string token_of(http::Role role, std::optional<std::vector<std::string>> apps = {}) {
    ApiToken token;
    token.workspace_id = "default";
    token.role = role;
    token.apps = std::move(apps);
    token.label = "test";
    return create_token(token);
  }
};

TEST_P(PersonGateTest, AdmitsAnAccessTokenHoweverItComes) {
  const std::string token = log_in("alice").session_token;
  for (const Sent& sent : {bearer(token), with_cookie("access_token=" + token),
                           with_cookie("a=b; access_token=Bearer " + token)}) {
    const test::Decision decision = decide(Access::person, sent);
    EXPECT_EQ(decision.error, "");
    EXPECT_EQ(decision.caller.app_id, "demo");
    EXPECT_EQ(decision.caller.user_id, "alice");
    EXPECT_FALSE(decision.caller.session.empty());
  }
  EXPECT_TRUE(decide(Access::person, bearer(token)).from_memory);
}

TEST_P(PersonGateTest, AdmitsASignedClient) {
  EXPECT_EQ(decide(Access::person, as_user("alice")).caller.user_id, "alice");
  EXPECT_EQ(decide(Access::proven, as_user("alice")).caller.user_id, "alice");
}

TEST_P(PersonGateTest, CountsAnAccessTokenAsASessionToken) {
  const std::string token = log_in("alice").session_token;
  EXPECT_EQ(decide(Access::client, signed_by(made().client_key, token, {})).caller.user_id,
            "alice");
}

TEST_P(PersonGateTest, WantsASignatureWithASessionToken) {
  EXPECT_EQ(refusal(Access::person, bearer(session_token("alice"))), invalid_token);
  decide(Access::client, as_user("alice"));
  EXPECT_EQ(refusal(Access::person, bearer(session_token("alice"))), invalid_token);
}

TEST_P(PersonGateTest, RefusesPeopleWithoutAProof) {
  EXPECT_EQ(refusal(Access::person, {}), nobody);
  EXPECT_EQ(refusal(Access::proven, {}), nobody);
  EXPECT_EQ(refusal(Access::person, bearer("nonsense")), invalid_token);
  EXPECT_EQ(refusal(Access::person, with_cookie("access_token=nonsense")), invalid_token);
  EXPECT_EQ(refusal(Access::person, with_cookie("access_token=")), invalid_token);
}

TEST_P(PersonGateTest, EndsWithTheHourAndWithLogout) {
  const std::string token = log_in("alice").session_token;
  EXPECT_EQ(refusal(Access::person, bearer(token)), "");
  write(
      [&](db::Transaction& transaction) { erase_sessions(transaction, trust(), "demo", "alice"); });
  EXPECT_EQ(refusal(Access::person, bearer(token)), "unauthenticated: jwt token is invalid");

  const std::string other = log_in("bob").session_token;
  clock().advance(std::chrono::hours{1});
  EXPECT_EQ(refusal(Access::person, bearer(other)), "unauthenticated: jwt token is expired");
}

TEST_P(PersonGateTest, TakesABadCookieForNoneWhereAnybodyMayCall) {
  const test::Decision decision = decide(Access::visitor, with_cookie("access_token=nonsense"));
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.caller.app_id, "demo");
  EXPECT_EQ(decision.caller.user_id, "");
  EXPECT_EQ(refusal(Access::visitor, bearer("nonsense")), invalid_token);
}

TEST_P(PersonGateTest, FindsTheApplicationByProofThenHeaderThenHost) {
  create_application("other", "default");
  const std::string token = log_in("alice", "other").session_token;
  Sent sent = bearer(token);
  sent.headers.emplace_back("X-App-ID", "demo");
  EXPECT_EQ(decide(Access::visitor, sent).caller.app_id, "other");
  EXPECT_EQ(decide(Access::visitor, {.headers = {{"X-App-ID", "demo"}}}).caller.app_id, "demo");
  EXPECT_EQ(refusal(Access::visitor, {.headers = {{"X-App-ID", "nobody"}}}),
            "not_found: there is no such application");
  EXPECT_EQ(refusal(Access::visitor, {.headers = {{"X-App-ID", "No!"}}}),
            "invalid: X-App-ID is no application's id");
  // Two applications, and no host of either.
  EXPECT_EQ(refusal(Access::visitor, {.headers = {{"Host", "fest.example"}}}).substr(0, 10),
            "not_found:");
}

// The access token's cookie is gone after an hour, the refresh token's is not.
TEST_P(PersonGateTest, FindsTheApplicationByTheSessionThatCouldBeRefreshed) {
  create_application("other", "default");
  const std::string cookie = "refresh_token=" + log_in("alice", "other").refresh_token;
  const test::Decision decision = decide(Access::visitor, with_cookie(cookie));
  EXPECT_EQ(decision.caller.app_id, "other");
  EXPECT_EQ(decision.caller.user_id, "");
  Sent named = with_cookie(cookie);
  named.headers.emplace_back("X-App-ID", "demo");
  EXPECT_EQ(decide(Access::visitor, named).caller.app_id, "demo");
  for (const char* unknown : {"", "cbp_", "cbp_nothing.x", "cbp_../x.y", "cbp_.x", "cbr_other"}) {
    const Sent sent = with_cookie(std::string("refresh_token=") + unknown);
    EXPECT_EQ(refusal(Access::visitor, sent).substr(0, 10), "not_found:") << unknown;
  }
  EXPECT_EQ(refusal(Access::person, with_cookie(cookie)), nobody);
}

TEST_P(PersonGateTest, TakesACookieOfAnotherApplicationForNone) {
  create_application("other", "default");
  Sent sent = with_cookie("access_token=" + log_in("alice").session_token);
  sent.headers.emplace_back("X-App-ID", "other");
  EXPECT_EQ(decide(Access::visitor, sent).caller.app_id, "other");
  EXPECT_EQ(decide(Access::visitor, sent).caller.user_id, "");
  EXPECT_EQ(refusal(Access::person, sent), nobody);
}

// A host that moves from one application to the next takes those along who have an old cookie.
TEST_P(PersonGateTest, AsksARefreshCookieOnlyWhereTheHostSaysNothing) {
  create_application("other", "default");
  Sent sent = with_cookie("refresh_token=" + log_in("alice", "other").refresh_token);
  EXPECT_EQ(decide(Access::visitor, sent).caller.app_id, "other");
  audience::AppSettings settings;
  settings.name = "demo";
  settings.hosts = {"fest.example"};
  write([&](db::Transaction& transaction) {
    audience::update_settings(transaction, "demo", settings, now());
  });
  sent.headers.emplace_back("Host", "fest.example");
  EXPECT_EQ(decide(Access::visitor, sent).caller.app_id, "demo");
}

TEST_P(PersonGateTest, WantsAnAllowedOriginWithACookieThatWrites) {
  allow_origin("https://fest.example");
  const std::string cookie = "access_token=" + log_in("alice").session_token;
  const auto error_from = [&](const char* origin) {
    Sent sent = with_cookie(cookie, Method::post);
    if (*origin != 0) sent.headers.emplace_back("Origin", origin);
    sent.headers.emplace_back("Host", "callboard.example");
    return refusal(Access::person, sent).substr(0, 10);
  };
  EXPECT_EQ(error_from("https://fest.example"), "");
  EXPECT_EQ(error_from("http://callboard.example"), "");  // a page of the server's own
  EXPECT_EQ(error_from("https://evil.example"), "forbidden:");
  EXPECT_EQ(error_from("https://fest.example.evil.example"), "forbidden:");
  EXPECT_EQ(error_from("null"), "forbidden:");
  EXPECT_EQ(error_from(""), "forbidden:");
}

TEST_P(PersonGateTest, WantsAnAllowedOriginWithACookieThatWritesByGet) {
  allow_origin("https://fest.example");
  Sent sent = with_cookie("access_token=" + log_in("alice").session_token);
  EXPECT_EQ(refusal(Access::proven, sent), "");
  sent.writes = true;
  EXPECT_EQ(refusal(Access::proven, sent).substr(0, 10), "forbidden:");
  sent.headers.emplace_back("Origin", "https://fest.example");
  EXPECT_EQ(refusal(Access::proven, sent), "");

  Sent member = with_cookie("callboard_session=nobody's");
  EXPECT_EQ(refusal(Access::app_editor, member), "unauthenticated: the session has ended");
  member.writes = true;
  EXPECT_EQ(refusal(Access::app_editor, member).substr(0, 10), "forbidden:");
}

TEST_P(PersonGateTest, AdmitsOperatorsAndBackendsAsSuch) {
  const test::Decision editor = decide(Access::proven, bearer(token_of(http::Role::editor)));
  EXPECT_EQ(editor.error, "");
  EXPECT_EQ(editor.caller.workspace_id, "default");
  EXPECT_EQ(editor.caller.app_id, "demo");
  EXPECT_EQ(editor.caller.user_id, "");
  EXPECT_EQ(refusal(Access::proven, bearer(token_of(http::Role::viewer))),
            "forbidden: this needs the role editor");
  EXPECT_EQ(refusal(Access::app_editor, bearer(token_of(http::Role::editor))), "");
  EXPECT_EQ(refusal(Access::app_editor, bearer(log_in("alice").session_token)),
            "unauthenticated: api token is invalid");
  EXPECT_EQ(refusal(Access::app_editor, {}), "unauthenticated: api token is missing");
  EXPECT_EQ(refusal(Access::person, bearer(token_of(http::Role::editor))), invalid_token);

  const test::Decision backend = decide(
      Access::proven, {.headers = {{"X-BytePower-Auth-Token", server_token(made().server_key)}}});
  EXPECT_EQ(backend.error, "");
  EXPECT_EQ(backend.caller.workspace_id, "");
  EXPECT_EQ(backend.caller.actor.substr(0, 4), "key:");
}

TEST_P(PersonGateTest, KnowsAnOperatorsApplicationByItsToken) {
  create_application("other", "default");
  const auto token = token_of(http::Role::editor, std::vector<std::string>{"other"});
  Sent sent = bearer(token);
  sent.headers.emplace_back("X-App-ID", "demo");
  EXPECT_EQ(decide(Access::app_editor, sent).caller.app_id, "other");
  Sent of_all = bearer(token_of(http::Role::editor));
  of_all.headers.emplace_back("X-App-ID", "other");
  EXPECT_EQ(decide(Access::app_editor, of_all).caller.app_id, "other");
}

TEST_P(PersonGateTest, KeepsTheKindsOfRefreshTokensApart) {
  const OpenedSession person = log_in("alice");
  const auto refreshed = [&](const std::string& token, SessionKind kind) {
    bool is_there = false;
    write([&](db::Transaction& transaction) {
      is_there =
          sessions().refresh(transaction, *trust().keys("demo"), "demo", token, kind).has_value();
    });
    return is_there;
  };
  EXPECT_FALSE(refreshed(person.refresh_token, SessionKind::device));
  EXPECT_TRUE(refreshed(person.refresh_token, SessionKind::person));
}

INSTANTIATE_STORE_TESTS(PersonGateTest);

}  // namespace
}  // namespace callboard::identity
