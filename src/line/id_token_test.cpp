#include "line/id_token.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "crypto/base64url.hpp"
#include "tests/support/jws_keys.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr Timestamp now{std::chrono::seconds{1'700'000'000}};
constexpr std::string_view nonce = "a nonce";

class IdTokenTest : public testing::Test {
 protected:
  json::object claims() const {
    return {{"iss", "https://access.line.me"},
            {"sub", "U0123456789abcdef0123456789abcdef"},
            {"aud", "1234567890"},
            {"exp", unix_seconds(now + 1h)},
            {"iat", unix_seconds(now)},
            {"nonce", nonce},
            {"name", "Brown"},
            {"picture", "https://profile.line-scdn.net/brown"}};
  }
  json::object with(std::string_view name, json::value value) const {
    json::object changed = claims();
    changed[name] = std::move(value);
    return changed;
  }
  json::object without(std::string_view name) const {
    json::object changed = claims();
    changed.erase(name);
    return changed;
  }
  std::string signed_by_secret(const json::object& claims) const {
    return jws::sign(jws::Key::secret(channel_.channel_secret), json::serialize(claims));
  }
  std::string signed_by_line(const json::object& claims, std::string_view key_id = "key-1") const {
    return jws::sign(jws::Key::private_key(private_pem_), json::serialize(claims), key_id);
  }
  // "ok", or the fault's name.
  std::string_view verdict(std::string_view token, std::string_view expected = nonce) const {
    const auto verified = verify_id_token(token, channel_, expected, certs_, now);
    return verified ? "ok" : name_of(verified.error());
  }
  std::string_view verdict(const json::object& claims) const {
    return verdict(signed_by_secret(claims));
  }

  Channel channel_{.channel_id = "1234567890", .channel_secret = "a channel's secret"};
  static const std::string& rsa_pem() {
    static const std::string made = test::new_rsa();  // which takes a while
    return made;
  }
  std::string private_pem_ = test::new_ec();
  Certs certs_{{{"key-1", jws::Key::public_key(test::public_pem(private_pem_))},
                {"rsa", jws::Key::public_key(test::public_pem(rsa_pem()))}}};
};

TEST_F(IdTokenTest, SaysWhoSignedIn) {
  for (const std::string& token : {signed_by_secret(claims()), signed_by_line(claims())}) {
    const auto verified = verify_id_token(token, channel_, nonce, certs_, now);
    ASSERT_TRUE(verified) << name_of(verified.error());
    EXPECT_EQ(verified->user_id, "U0123456789abcdef0123456789abcdef");
    EXPECT_EQ(verified->name, "Brown");
    EXPECT_EQ(verified->picture_url, "https://profile.line-scdn.net/brown");
  }
  json::object bare = without("name");
  bare.erase("picture");
  const auto verified = verify_id_token(signed_by_secret(bare), channel_, nonce, certs_, now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->name + verified->picture_url, "");
}

TEST_F(IdTokenTest, RefusesClaimsThatAreNotAsTheyMustBe) {
  const std::int64_t at = unix_seconds(now);
  const struct {
    json::object claims;
    std::string_view verdict;
  } table[] = {
      {with("iss", "https://evil.example"), "wrong_issuer"},
      {without("iss"), "wrong_issuer"},
      {with("aud", "9876543210"), "wrong_audience"},
      {with("aud", 1234567890), "wrong_audience"},
      {without("aud"), "wrong_audience"},
      {with("aud", json::array{"1234567890"}), "ok"},
      {with("aud", json::array{"1234567890", "9876543210"}), "wrong_audience"},
      {with("aud", json::array{"9876543210"}), "wrong_audience"},
      {with("aud", json::array{}), "wrong_audience"},
      {with("exp", at - 59), "ok"},
      {with("exp", at - 60), "expired"},
      {with("exp", "tomorrow"), "expired"},
      {without("exp"), "expired"},
      {with("iat", at + 60), "ok"},
      {with("iat", at + 61), "not_yet_valid"},
      {without("iat"), "not_yet_valid"},
      {with("nbf", at + 61), "not_yet_valid"},
      {with("nonce", "another"), "wrong_nonce"},
      {without("nonce"), "wrong_nonce"},
      {with("sub", ""), "bad_subject"},
      {with("sub", "a b"), "bad_subject"},
      {with("sub", "../admin"), "bad_subject"},
      {with("sub", json::string(65, 'U')), "bad_subject"},
      {with("sub", 7), "bad_subject"},
      {without("sub"), "bad_subject"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(verdict(row.claims), row.verdict) << json::serialize(row.claims);
  }
  EXPECT_EQ(verdict(signed_by_secret(with("nonce", "")), ""), "wrong_nonce") << "none was expected";
}

TEST_F(IdTokenTest, RefusesWhatOthersSigned) {
  const std::string payload = json::serialize(claims());
  EXPECT_EQ(verdict(jws::sign(jws::Key::secret("another"), payload)), "bad_signature");
  EXPECT_EQ(verdict(jws::sign(jws::Key::private_key(test::new_ec()), payload, "key-1")),
            "bad_signature");
  std::string changed = signed_by_secret(claims());
  changed.back() = changed.back() == 'A' ? 'B' : 'A';
  EXPECT_NE(verdict(changed), "ok");
  channel_.channel_secret.clear();
  EXPECT_EQ(verdict(jws::sign(jws::Key::secret(""), payload)), "bad_signature");
}

TEST_F(IdTokenTest, AsksForCertsThatItDoesNotHave) {
  EXPECT_EQ(verdict(signed_by_line(claims(), "key-2")), "needs_certs");
  EXPECT_EQ(verdict(signed_by_line(claims(), "")), "needs_certs");
  certs_.keys.clear();
  EXPECT_EQ(verdict(signed_by_line(claims())), "needs_certs");
}

TEST_F(IdTokenTest, LetsNoTokenChooseItsAlgorithm) {
  const std::string payload = json::serialize(claims());
  const auto header = [&](std::string_view text) {
    return base64url(text) + "." + base64url(payload) + ".";
  };
  EXPECT_EQ(verdict(header(R"({"alg":"none"})")), "malformed");
  EXPECT_EQ(verdict(header(R"({"alg":"none"})") + "AA"), "malformed");
  // HS256 under the text of a public key, which everybody knows.
  const std::string public_text = test::public_pem(private_pem_);
  EXPECT_EQ(verdict(jws::sign(jws::Key::secret(public_text), payload, "key-1")), "bad_signature");
  // ES256 that names an RSA key, and RS256, which LINE does not use.
  EXPECT_EQ(verdict(signed_by_line(claims(), "rsa")), "bad_signature");
  EXPECT_EQ(verdict(jws::sign(jws::Key::private_key(rsa_pem()), payload, "rsa")), "malformed");
  for (const char* text : {"", ".", "..", "a.b.c", "e30.e30.e30"}) {
    EXPECT_EQ(verdict(text), "malformed") << text;
  }
  EXPECT_EQ(verdict(jws::sign(jws::Key::secret(channel_.channel_secret), "[]")), "malformed");
}

TEST(Certs, ReadsTheKeysThatItCanUse) {
  const http::OutgoingReply reply{
      http::OutgoingOutcome::answered, 200,
      R"({"keys":[{"kty":"EC","alg":"ES256","use":"sig","kid":"a","crv":"P-256",
          "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
          "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"},
          {"kty":"EC","kid":"off the curve","crv":"P-256","x":"AA","y":"AA"},
          {"kty":"oct","kid":"b","k":"AA"},{"kty":"EC"},"text"]})"};
  const auto certs = read_certs(reply);
  ASSERT_TRUE(certs);
  EXPECT_EQ(certs->keys.size(), 1u);
  EXPECT_NE(certs->find("a"), nullptr);
  EXPECT_EQ(certs->find("b"), nullptr);
  EXPECT_FALSE(read_certs({http::OutgoingOutcome::answered, 200, "{}"}));
  EXPECT_FALSE(read_certs({http::OutgoingOutcome::answered, 500, reply.body}));
}

}  // namespace
}  // namespace callboard::line
