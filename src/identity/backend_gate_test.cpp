#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "tests/support/identity.hpp"
#include "tests/support/jws_keys.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;

constexpr auto token_invalid = "unauthenticated: jwt token is invalid";

struct Claim {
  const char* name;
  json::value value;
};

class BackendGateTest : public test::IdentityTest {
 protected:
  test::Decision with(const std::string& token) {
    return decide(Access::backend, {.headers = {{std::string(server_token_header), token}}});
  }
  json::object claims() {
    return {{"iss", "demo"}, {"aud", "callboard"}, {"exp", unix_seconds(now()) + 300}};
  }
  std::string signed_claims(const json::object& claims, std::string_view key_id = {}) {
    return jws::sign(jws::Key::secret(made().server_key), json::serialize(claims), key_id);
  }
  std::string changed(const char* name, const json::value& value) {
    json::object changed_claims = claims();
    changed_claims[name] = value;
    return with(signed_claims(changed_claims)).error;
  }
  std::string register_public(const jws::Key& key) {
    IssuedKey issued;
    write([&](db::Transaction& transaction) {
      issued = keys().register_public(transaction, "demo", key, now());
    });
    return issued.key_id;
  }
};

TEST_P(BackendGateTest, AdmitsTheApplicationItself) {
  const std::string token = server_token(made().server_key);
  const test::Decision decision = with(token);
  EXPECT_EQ(decision.error, "");
  EXPECT_EQ(decision.caller.app_id, "demo");
  EXPECT_EQ(decision.caller.user_id, "");
  EXPECT_EQ(decision.caller.actor, "key:" + made().server_key_id);
  EXPECT_TRUE(with(token).from_memory);
  // A new HS256 token is cheap enough for the I/O thread, once the keys are in memory.
  clock().advance(std::chrono::seconds{1});
  EXPECT_TRUE(with(server_token(made().server_key)).from_memory);
}

TEST_P(BackendGateTest, MissesAToken) {
  EXPECT_EQ(refusal(Access::backend, {}), "unauthenticated: miss jwt token");
  EXPECT_EQ(with("").error, "unauthenticated: miss jwt token");
  EXPECT_EQ(with("garbage").error, token_invalid);
}

TEST_P(BackendGateTest, JudgesEveryClaim) {
  EXPECT_EQ(with(signed_claims(claims())).error, "");
  EXPECT_EQ(changed("aud", json::array{"x", "callboard"}), "");
  EXPECT_EQ(changed("nbf", unix_seconds(now()) + 60), "");
  EXPECT_EQ(changed("iat", unix_seconds(now()) + 60), "");
  EXPECT_EQ(changed("exp", unix_seconds(now()) + 3600), "");
  EXPECT_EQ(changed("exp", unix_seconds(now())), "unauthenticated: jwt token is expired");
  const std::vector<Claim> hostile = {
      {"exp", unix_seconds(now()) + 3601},
      {"exp", -1},
      {"exp", json::string(std::to_string(unix_seconds(now()) + 300))},
      {"exp", static_cast<double>(unix_seconds(now())) + 300.5},
      {"exp", nullptr},
      {"nbf", unix_seconds(now()) + 61},
      {"nbf", "0"},
      {"iat", unix_seconds(now()) + 61},
      {"aud", "other"},
      {"aud", "callboard2"},
      {"aud", ""},
      {"aud", nullptr},
      {"aud", json::array{}},
      {"aud", json::array{"other", 1}},
      {"aud", json::object{{"callboard", true}}},
      {"iss", "other"},
      {"iss", ""},
      {"iss", "../demo"},
      {"iss", nullptr},
      {"iss", json::array{"demo"}},
  };
  for (const auto& [name, value] : hostile) {
    EXPECT_EQ(changed(name, value), token_invalid) << name << " " << value;
  }
  for (const char* name : {"iss", "aud", "exp"}) {
    json::object fewer = claims();
    fewer.erase(name);
    EXPECT_EQ(with(signed_claims(fewer)).error, token_invalid) << name;
  }
}

TEST_P(BackendGateTest, AKnownTokenExpiresToo) {
  const std::string token = server_token(made().server_key);
  EXPECT_EQ(with(token).error, "");
  clock().advance(std::chrono::minutes{5});
  EXPECT_EQ(with(token).error, "unauthenticated: jwt token is expired");
}

TEST_P(BackendGateTest, RefusesForgedTokens) {
  const std::string text = json::serialize(claims());
  const auto [other_client, other_server] = create_application("other", "default");
  for (const std::string& key : {std::string("guess"), made().client_key, other_server}) {
    EXPECT_EQ(with(jws::sign(jws::Key::secret(key), text)).error, token_invalid);
  }
  EXPECT_EQ(with(session_token("alice")).error, token_invalid);
  EXPECT_EQ(with(jws::sign(trust().keys("demo")->session.front().key, text)).error, token_invalid);
}

TEST_P(BackendGateTest, AcceptsRegisteredPublicKeysWithTheirOwnAlgorithm) {
  for (const std::string& pem : {test::new_rsa(), test::new_ec(), test::new_ed25519()}) {
    const jws::Key key = jws::Key::private_key(pem);
    const std::string key_id = register_public(key);
    const std::string token = jws::sign(key, json::serialize(claims()));
    EXPECT_EQ(with(token).error, "") << name_of(key.algorithm());
    EXPECT_EQ(with(token).caller.actor, "key:" + key_id);
    EXPECT_TRUE(with(token).from_memory);
    // The public key as if it were a secret.
    EXPECT_EQ(with(jws::sign(jws::Key::secret(key.public_pem()), json::serialize(claims()))).error,
              token_invalid);
    write([&](db::Transaction& transaction) { keys().retire(transaction, "demo", key_id, now()); });
    EXPECT_EQ(with(token).error, token_invalid);
  }
}

TEST_P(BackendGateTest, TheKeyIdPicks) {
  IssuedKey second;
  write([&](db::Transaction& t) { second = keys().issue(t, "demo", KeyKind::server, now()); });
  EXPECT_EQ(with(signed_claims(claims(), made().server_key_id)).error, "");
  EXPECT_EQ(with(signed_claims(claims(), second.key_id)).error, token_invalid);
  EXPECT_EQ(with(signed_claims(claims(), "../../dev/null")).error, token_invalid);
  EXPECT_EQ(with(signed_claims(claims(), "x' OR '1'='1")).error, token_invalid);
  EXPECT_EQ(with(server_token(second.secret)).error, "");
}

TEST_P(BackendGateTest, ARetiredKeyEndsAtOnce) {
  const std::string token = server_token(made().server_key);
  EXPECT_EQ(with(token).error, "");
  write([&](db::Transaction& t) { keys().retire(t, "demo", made().server_key_id, now()); });
  EXPECT_EQ(with(token).error, token_invalid);
}

INSTANTIATE_STORE_TESTS(BackendGateTest);

}  // namespace
}  // namespace callboard::identity
