#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/identity.hpp"
#include "tests/support/jws_keys.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;

constexpr auto empty = "bad_signature: signature is empty";
constexpr auto malformed = "bad_signature: signature is malformed";
constexpr auto expired = "bad_signature: signature expired";
constexpr auto mismatch = "bad_signature: signature mismatch";
constexpr auto replayed = "bad_signature: nonce replayed";
constexpr auto token_missing = "unauthenticated: miss jwt token";
constexpr auto token_invalid = "unauthenticated: jwt token is invalid";
constexpr auto token_expired = "unauthenticated: jwt token is expired";

struct Claim {
  const char* name;
  json::value value;
};

class ClientGateTest : public test::IdentityTest {
 protected:
  std::string header(const std::string& name, const std::string& value, Access access) {
    return refusal(access, {.headers = {{name, value}}});
  }
  // Signed properly around whatever token.
  std::string with_token(const std::string& token, const std::string& app_id = "") {
    Sent sent = signed_by(made().client_key, token, {});
    if (!app_id.empty()) sent.headers.emplace_back("X-App-ID", app_id);
    return refusal(Access::client, sent);
  }
  // Session claims with the session key, some changed.
  std::string minted(const std::function<void(json::object&)>& change) {
    json::object claims{{"app", "demo"},
                        {"sub", "alice"},
                        {"iat", unix_seconds(now())},
                        {"exp", unix_seconds(now()) + 3600},
                        {"jti", "j"},
                        {"fam", "f"},
                        {"typ", "session"}};
    change(claims);
    return jws::sign(trust().keys("demo")->session.front().key, json::serialize(claims));
  }
};

TEST_P(ClientGateTest, AdmitsASignedUser) {
  const test::Decision first = decide(Access::client, as_user("alice"));
  EXPECT_EQ(first.error, "");
  EXPECT_EQ(first.caller.app_id, "demo");
  EXPECT_EQ(first.caller.user_id, "alice");
  EXPECT_FALSE(first.from_memory);
}

TEST_P(ClientGateTest, AdmitsAKnownTokenFromMemory) {
  const std::string token = session_token("alice");
  const Sent sent = signed_by(made().client_key, token, {});
  decide(Access::client, sent);
  const test::Decision second = decide(Access::client, signed_by(made().client_key, token, {}));
  EXPECT_EQ(second.error, "");
  EXPECT_TRUE(second.from_memory);
  EXPECT_EQ(second.caller.user_id, "alice");
  // A read may be repeated, and HEAD is one.
  EXPECT_TRUE(decide(Access::client, sent).from_memory);
  EXPECT_TRUE(decide(Access::client, signed_by(made().client_key, token, {.method = Method::head}))
                  .from_memory);
}

// The texts of the published interface, in the order in which they are judged.
TEST_P(ClientGateTest, JudgesTheSignatureBeforeTheToken) {
  const std::string sign(signature_header);
  const std::string good = "t=" + std::to_string(unix_seconds(now())) + ",n=12345678,v1=";
  EXPECT_EQ(refusal(Access::client, {}), empty);
  EXPECT_EQ(header(sign, "", Access::client), empty);
  EXPECT_EQ(header(std::string(session_token_header), session_token("a"), Access::client), empty);
  EXPECT_EQ(header(sign, "whatever", Access::client), token_missing);
  EXPECT_EQ(header(sign, good + std::string(64, 'a'), Access::client), token_missing);
  EXPECT_EQ(with_token("garbage"), token_invalid);

  const auto both = [&](const std::string& signature, const std::string& token) {
    return refusal(Access::client, {.headers = {{sign, signature},
                                                {std::string(session_token_header), token},
                                                {"X-App-ID", "demo"}}});
  };
  EXPECT_EQ(both("whatever", "garbage"), malformed);
  EXPECT_EQ(both(good + std::string(64, 'a'), "garbage"), mismatch);
  EXPECT_EQ(both("t=1,n=12345678,v1=" + std::string(64, 'a'), session_token("alice")), expired);
  EXPECT_EQ(both(good + std::string(64, 'a'), session_token("alice")), mismatch);
  EXPECT_EQ(with_token("garbage", "demo"), token_invalid);
}

TEST_P(ClientGateTest, ASignedRequestWithoutTokenMissesIt) {
  Sent sent = signed_by(made().client_key, "", {});
  EXPECT_EQ(refusal(Access::client, sent), token_missing);
  sent.headers.emplace_back("X-App-ID", "demo");
  EXPECT_EQ(refusal(Access::client, sent), token_missing);
  EXPECT_EQ(refusal(Access::signed_client, sent), "");
  Sent forged = signed_by("cbc_wrong", "", {});
  forged.headers.emplace_back("X-App-ID", "demo");
  EXPECT_EQ(refusal(Access::client, forged), mismatch);
  EXPECT_EQ(refusal(Access::signed_client, forged), mismatch);
}

TEST_P(ClientGateTest, AnUnknownApplicationIsAMismatch) {
  for (const char* app_id : {"nobody", "No Such App!", "../demo"}) {
    Sent sent = signed_by(made().client_key, "", {}, app_id);
    sent.headers.emplace_back("X-App-ID", app_id);
    EXPECT_EQ(refusal(Access::signed_client, sent), mismatch) << app_id;
    EXPECT_EQ(refusal(Access::client, sent), mismatch) << app_id;
  }
  EXPECT_EQ(refusal(Access::signed_client, signed_by(made().client_key, "", {})),
            "invalid: app_id is empty");
}

TEST_P(ClientGateTest, ASignedClientIsNobodyInParticular) {
  Sent sent = as_user("alice");
  decide(Access::client, sent);
  const test::Decision decision = decide(Access::signed_client, sent);
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.caller.app_id, "demo");
  EXPECT_EQ(decision.caller.user_id, "");
}

TEST_P(ClientGateTest, TheSignatureCoversTheRequestAsSent) {
  const std::string token = session_token("alice");
  const Sent sent = signed_by(made().client_key, token, {.target = "/a?x=1&y=2"});
  EXPECT_EQ(refusal(Access::client, sent), "");
  const auto changed = [&](auto change) {
    Sent other = sent;
    change(other);
    return refusal(Access::client, other);
  };
  EXPECT_EQ(changed([](Sent& s) { s.target = "/a?y=2&x=1"; }), mismatch);
  EXPECT_EQ(changed([](Sent& s) { s.target = "/a?x=1&y=%32"; }), mismatch);
  EXPECT_EQ(changed([](Sent& s) { s.method = Method::head; }), mismatch);
  EXPECT_EQ(changed([](Sent& s) { s.body = "x"; }), mismatch);
  EXPECT_EQ(changed([&](Sent& s) { s.headers[1].second = session_token("bob"); }), mismatch);
}

TEST_P(ClientGateTest, ASignatureLastsFiveMinutesEvenForAKnownToken) {
  const std::string token = session_token("alice");
  const Sent sent = signed_by(made().client_key, token, {});
  EXPECT_EQ(refusal(Access::client, sent), "");
  clock().advance(std::chrono::seconds{300});
  EXPECT_EQ(refusal(Access::client, sent), "");
  clock().advance(std::chrono::seconds{1});
  EXPECT_EQ(refusal(Access::client, sent), expired);
}

TEST_P(ClientGateTest, ASessionTokenExpires) {
  const std::string token = session_token("alice");
  EXPECT_EQ(with_token(token), "");
  clock().advance(std::chrono::hours{24} - std::chrono::seconds{1});
  EXPECT_EQ(with_token(token), "");
  clock().advance(std::chrono::seconds{1});
  EXPECT_EQ(with_token(token), token_expired);
  clock().advance(std::chrono::hours{100});
  EXPECT_EQ(with_token(token), token_expired);
}

TEST_P(ClientGateTest, RefusesHostileTokens) {
  EXPECT_EQ(with_token(minted([](json::object&) {})), "");
  const std::vector<Claim> hostile = {
      {"sub", ""},
      {"sub", "a/b"},
      {"sub", "a\nb"},
      {"sub", json::string(129, 'a')},
      {"sub", 7},
      {"sub", nullptr},
      {"app", 7},
      {"typ", "refresh"},
      {"typ", nullptr},
      {"exp", -1},
      {"exp", "9999999999"},
      {"exp", 9.5e9},
      {"exp", nullptr},
      {"iat", "now"},
      {"iat", 99999999999},
      {"nbf", 9999999999},
      {"nbf", "soon"},
      {"jti", 1},
      {"fam", ""},
      {"fam", nullptr},
  };
  for (const auto& [name, value] : hostile) {
    EXPECT_EQ(with_token(minted([&](json::object& claims) { claims[name] = value; }), "demo"),
              token_invalid)
        << name << " " << value;
  }
  for (const char* name : {"sub", "typ", "exp", "iat", "jti", "fam"}) {
    EXPECT_EQ(with_token(minted([&](json::object& claims) { claims.erase(name); })), token_invalid)
        << name;
  }
}

TEST_P(ClientGateTest, RefusesForgedTokens) {
  const std::string token = session_token("alice");
  const std::string payload = token.substr(token.find('.'), token.rfind('.') - token.find('.'));
  const std::string claims = jws::parse(token)->payload;
  const std::vector<std::string> forged = {
      jws::sign(jws::Key::secret("guess"), claims),
      jws::sign(jws::Key::secret(made().client_key), claims),
      jws::sign(jws::Key::secret(made().server_key), claims),
      jws::sign(jws::Key::private_key(test::new_ec()), claims),
      token.substr(0, token.size() - 2),
      token.substr(0, token.rfind('.') + 1),
      "eyJhbGciOiJub25lIn0" + payload + ".",
      "eyJhbGciOiJub25lIn0" + payload + ".AA",
  };
  for (const std::string& each : forged) EXPECT_EQ(with_token(each, "demo"), token_invalid) << each;
}

TEST_P(ClientGateTest, NothingCrossesFromOneApplicationToAnother) {
  const auto [other_client_key, other_server_key] = create_application("other", "default");
  const std::string token = session_token("alice", "other");
  // Another application's client key, in either role.
  EXPECT_EQ(refusal(Access::client, signed_by(made().client_key, token, {})), mismatch);
  EXPECT_EQ(refusal(Access::client, signed_by(made().client_key, token, {}, "other")), mismatch);
  EXPECT_EQ(refusal(Access::client, signed_by(other_client_key, session_token("alice"), {})),
            mismatch);
  const test::Decision decision =
      decide(Access::client, signed_by(other_client_key, token, {}, "other"));
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.caller.app_id, "other");
  // A token that says it is of this application, with the other one's key.
  const std::string crossed = jws::sign(trust().keys("other")->session.front().key,
                                        jws::parse(session_token("a"))->payload);
  EXPECT_EQ(with_token(crossed), token_invalid);
}

TEST_P(ClientGateTest, AWriteIsAcceptedOnce) {
  const Sent write_it = as_user("alice", {.method = Method::put, .body = "{}"});
  const test::Decision first = decide(Access::client, write_it);
  EXPECT_EQ(first.error, "");
  EXPECT_FALSE(first.from_memory);
  EXPECT_EQ(refusal(Access::client, write_it), replayed);
  EXPECT_EQ(refusal(Access::client, as_user("alice", {.method = Method::put, .body = "{}"})), "");
}

TEST_P(ClientGateTest, AGetThatWritesIsAcceptedOnceToo) {
  for (const Access access : {Access::client, Access::proven}) {
    Sent sent = as_user("alice");
    sent.writes = true;
    EXPECT_EQ(refusal(access, sent), "");
    EXPECT_EQ(refusal(access, sent), replayed);
  }
}

TEST_P(ClientGateTest, ANonceIsOfAUser) {
  const auto write_as = [&](const char* user) {
    return refusal(Access::client, signed_by(made().client_key, session_token(user),
                                             {.method = Method::post}, "demo", "same-nonce"));
  };
  EXPECT_EQ(write_as("alice"), "");
  EXPECT_EQ(write_as("bob"), "");
  EXPECT_EQ(write_as("alice"), replayed);
}

TEST_P(ClientGateTest, BothClientKeysWorkDuringARotation) {
  const std::string token = session_token("alice");
  EXPECT_EQ(refusal(Access::client, signed_by(made().client_key, token, {})), "");
  IssuedKey second;
  write([&](db::Transaction& t) { second = keys().issue(t, "demo", KeyKind::client, now()); });
  EXPECT_EQ(refusal(Access::client, signed_by(made().client_key, token, {})), "");
  EXPECT_EQ(refusal(Access::client, signed_by(second.secret, token, {})), "");
  std::string first_id;
  for (const auto& key : trust().keys("demo")->client) {
    if (key.key_id != second.key_id) first_id = key.key_id;
  }
  write([&](db::Transaction& t) { keys().retire(t, "demo", first_id, now()); });
  EXPECT_EQ(refusal(Access::client, signed_by(made().client_key, token, {})), mismatch);
  EXPECT_EQ(refusal(Access::client, signed_by(second.secret, token, {})), "");
}

TEST_P(ClientGateTest, ARevokedSessionEndsAtOnce) {
  const std::string token = session_token("alice");
  const std::string bystander = session_token("bob");
  EXPECT_EQ(with_token(token), "");
  EXPECT_EQ(with_token(bystander), "");
  const json::object claims = *jws::claims_of(*jws::parse(token));
  write([&](db::Transaction& transaction) {
    trust().revoke(transaction, "demo", std::string(claims.at("fam").as_string()));
  });
  EXPECT_EQ(with_token(token), token_invalid);
  EXPECT_EQ(with_token(bystander), "");
  EXPECT_TRUE(decide(Access::client, signed_by(made().client_key, bystander, {})).from_memory);
}

TEST_P(ClientGateTest, ARevocationOutlivesTheProgram) {
  const std::string token = session_token("alice");
  const json::object claims = *jws::claims_of(*jws::parse(token));
  write([&](db::Transaction& transaction) {
    trust().revoke(transaction, "demo", std::string(claims.at("fam").as_string()));
  });
  Trust restarted(database(), keys(), clock(), metrics());
  const OwnAddress own_address;
  audience::AppAddresses addresses(database());
  Gate again(database(), applications(), restarted, addresses, own_address, clock(), metrics());
  const Sent sent = signed_by(made().client_key, token, {});
  http::Request request;
  request.target = sent.target;
  std::vector<http::Header> headers;
  for (const auto& [name, value] : sent.headers) headers.push_back({name, value});
  request.headers = headers;
  const http::Route route{Method::get, "/", Access::client, http::Surface::app, {}};
  EXPECT_FALSE(again.admit_from_memory(route, request));
  EXPECT_THROW(again.admit_blocking(route, request), Error);
}

// Readers on several threads, while keys rotate and sessions are revoked: nobody else is refused,
// and what was revoked stays out from the moment the revocation is committed.
TEST_P(ClientGateTest, StaysRightWhileThingsChange) {
  std::vector<Sent> bystanders;
  for (const char* user : {"a", "b", "c"}) bystanders.push_back(as_user(user));
  std::atomic<bool> stop{false};
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> readers;
    for (const Sent& sent : bystanders) {
      readers.emplace_back([&, sent] {
        while (!stop) refused += refusal(Access::client, sent).empty() ? 0 : 1;
      });
    }
    for (int i = 0; i < 20; ++i) {
      const std::string token = session_token("victim");
      EXPECT_EQ(with_token(token), "");
      const json::object claims = *jws::claims_of(*jws::parse(token));
      IssuedKey second;
      write([&](db::Transaction& transaction) {
        trust().revoke(transaction, "demo", std::string(claims.at("fam").as_string()));
        second = keys().issue(transaction, "demo", KeyKind::client, now());
      });
      EXPECT_EQ(with_token(token), token_invalid);
      write([&](db::Transaction& t) { keys().retire(t, "demo", second.key_id, now()); });
    }
    stop = true;
  }
  EXPECT_EQ(refused, 0);
}

TEST_P(ClientGateTest, ForgettingEverythingRefusesNobody) {
  const std::string token = session_token("alice");
  EXPECT_EQ(with_token(token), "");
  write([](db::Transaction& transaction) { transaction.announce("", "", ""); });
  const test::Decision decision = decide(Access::client, signed_by(made().client_key, token, {}));
  EXPECT_EQ(decision.error, "");
  EXPECT_FALSE(decision.from_memory);
}

INSTANTIATE_STORE_TESTS(ClientGateTest);

}  // namespace
}  // namespace callboard::identity
