#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/error.hpp"
#include "crypto/base64url.hpp"
#include "crypto/jws.hpp"
#include "tests/support/jws_keys.hpp"

namespace callboard::jws {
namespace {

std::string why_refused(std::string_view text) {
  try {
    Key::public_key(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.message();
  }
  return "accepted";
}

TEST(JwsKey, SignsWhatItsPublicHalfVerifies) {
  for (const std::string& pem : {test::new_rsa(), test::new_ec(), test::new_ed25519()}) {
    const Key key = Key::private_key(pem);
    const Key published = Key::public_key(key.public_pem());
    EXPECT_EQ(published.algorithm(), key.algorithm());
    const std::string text = sign(key, R"({"a":1})", "key-1");
    const auto token = parse(text);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->key_id, "key-1");
    EXPECT_EQ(token->payload, R"({"a":1})");
    EXPECT_TRUE(verify(*token, published)) << name_of(key.algorithm());
  }
}

TEST(JwsKey, AnotherKeyOfTheSameKindVerifiesNothing) {
  const std::string text = sign(Key::private_key(test::new_ec()), "{}");
  EXPECT_FALSE(verify(*parse(text), Key::private_key(test::new_ec())));
}

TEST(JwsKey, RefusesWeakAndForeignKeys) {
  const auto published = [](const std::string& pem) { return Key::private_key(pem).public_pem(); };
  EXPECT_THROW(published(test::new_rsa(1024)), Error);
  EXPECT_THROW(published(test::new_ec("P-384")), Error);
  EXPECT_THROW(published(test::new_ec("secp256k1")), Error);
  EXPECT_THROW(published(test::private_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448"))), Error);
  EXPECT_THROW(published(test::private_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"))), Error);
}

TEST(JwsKey, RefusesWhatIsNoPublicKey) {
  const std::string pem = test::new_ed25519();
  const std::vector<std::string> wrong = {
      "", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", pem,
      std::string(9000, 'x')};
  for (const std::string& text : wrong) EXPECT_NE(why_refused(text), "accepted") << text;
}

TEST(JwsKey, RefusesBadJwks) {
  const std::string zeros = base64url(std::string(32, '\0'));
  const std::string ones = base64url(std::string(32, '\1'));
  const std::string n2048 = base64url(std::string(256, '\xab'));
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"{}", "the public key must be RSA, P-256 or Ed25519"},
      {R"({"kty":"oct","k":"c2VjcmV0"})", "the public key must be RSA, P-256 or Ed25519"},
      {R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})",
       "the public key must be RSA, P-256 or Ed25519"},
      {R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
       "the public key has coordinates of the wrong length"},
      // Not on the curve.
      {R"({"kty":"EC","crv":"P-256","x":")" + ones + R"(","y":")" + ones + R"("})",
       "the public key is not valid for its type"},
      {R"({"kty":"EC","crv":"P-256","x":")" + zeros + R"("})",
       "the public key lacks a base64url member \"y\""},
      {R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})", "the public key is not valid for its type"},
      {R"({"kty":"OKP","crv":"Ed25519","x":")" + ones + R"(","d":")" + ones + R"("})",
       "the public key is a private key: register the public half only"},
      {R"({"kty":"OKP","crv":"Ed25519","use":"enc","x":")" + ones + R"("})",
       "the public key is not for signatures (\"use\")"},
      {R"({"kty":"OKP","crv":"Ed25519","alg":"HS256","x":")" + ones + R"("})",
       "the public key is for another algorithm (\"alg\")"},
      {R"({"kty":"RSA","n":"q83vEjRW","e":"AQAB"})", "the public key must have 2048 to 8192 bits"},
      {R"({"kty":"RSA","n":")" + n2048 + R"(","e":"AQ"})",
       "the public key has an unusual exponent"},
      {R"({"kty":"RSA","n":")" + n2048 + R"(","e":"AQABAQABAQAB"})",
       "the public key has an unusual exponent"},
  };
  for (const auto& [jwk, why] : wrong) EXPECT_EQ(why_refused(jwk), why) << jwk;
}

}  // namespace
}  // namespace callboard::jws
