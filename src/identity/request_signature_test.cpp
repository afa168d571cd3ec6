#include "identity/request_signature.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "identity/signing.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& vector, std::string_view name) {
  return std::string(vector.at(name).as_string());
}

// The same numbers stand in docs/signature.md, and client libraries are tested with them.
json::array vectors() {
  std::ifstream file(SIGNATURE_VECTORS);
  std::stringstream text;
  text << file.rdbuf();
  return parse_json(text.str()).as_array();
}

TEST(RequestSignature, AgreesWithThePublishedVectors) {
  const json::array all = vectors();
  ASSERT_GE(all.size(), 4u);
  for (const json::value& each : all) {
    SCOPED_TRACE(text_of(each, "name"));
    const Timestamp at{std::chrono::seconds{each.at("time").as_int64()}};
    const std::string app_id = text_of(each, "app_id");
    const std::string method = text_of(each, "method");
    const std::string target = text_of(each, "target");
    const std::string token = text_of(each, "session_token");
    const std::string body = text_of(each, "body");
    EXPECT_EQ(sign_request(text_of(each, "client_key"), {app_id, method, target, token, body}, at,
                           text_of(each, "nonce")),
              text_of(each, "header"));
    const HmacKey key(text_of(each, "client_key"));
    EXPECT_TRUE(text_of(each, "header").ends_with(view(hex(key.mac(text_of(each, "text"))))));
  }
}

TEST(RequestSignature, ReadsItsHeader) {
  const std::string mac(64, 'a');
  const std::string header = "t=1700000000,n=abcDEF12-_,v1=" + mac;
  const auto signature = parse_signature(header);
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->unix_s, 1'700'000'000);
  EXPECT_EQ(signature->time, "1700000000");
  EXPECT_EQ(signature->nonce, "abcDEF12-_");
  EXPECT_EQ(view(hex(signature->mac)), mac);
  EXPECT_TRUE(parse_signature("t=1,n=12345678,v1=" + std::string(64, 'F')));
}

TEST(RequestSignature, RefusesMalformedHeaders) {
  const std::string mac = ",v1=" + std::string(64, 'a');
  const std::vector<std::string> malformed = {
      "",
      "t",
      "x",
      "t=,n=12345678" + mac,
      "t=1700000000,n=1234567" + mac,                  // nonce too short
      "t=1700000000,n=" + std::string(65, 'n') + mac,  // too long
      "t=1700000000,n=1234567!" + mac,                 // a character too many
      "t=1700000000,n=1234 678" + mac,
      "t=-1700000000,n=12345678" + mac,
      "t=+1700000000,n=12345678" + mac,
      "t=01700000000,n=12345678" + mac,
      "t=1.7e9,n=12345678" + mac,
      "t=999999999999999999999,n=12345678" + mac,
      "t=1700000000, n=12345678" + mac,  // a space
      " t=1700000000,n=12345678" + mac,
      "n=12345678,t=1700000000" + mac,  // another order
      "t=1700000000,t=1700000000,n=12345678" + mac,
      "t=1700000000,n=12345678",
      "t=1700000000,n=12345678,",
      "t=1700000000,n=12345678,v1=",
      "t=1700000000,n=12345678,v2=" + std::string(64, 'a'),
      "t=1700000000,n=12345678,v1=" + std::string(63, 'a'),
      "t=1700000000,n=12345678,v1=" + std::string(65, 'a'),
      "t=1700000000,n=12345678,v1=" + std::string(63, 'a') + "g",
      "t=1700000000,n=12345678" + mac + ",v1=" + std::string(64, 'a'),
      "t=1700000000,n=12345678" + mac + " ",
      std::string("t=1700000000,n=12345678\0", 24) + mac,
  };
  for (const std::string& header : malformed) {
    EXPECT_FALSE(parse_signature(header)) << header;
  }
}

TEST(RequestSignature, HoldsForFiveMinutesBothWays) {
  const std::string header = "t=1700000000,n=12345678,v1=" + std::string(64, 'a');
  const RequestSignature signature = *parse_signature(header);
  const auto at = [](std::int64_t offset) {
    return Timestamp{std::chrono::seconds{1'700'000'000 + offset}};
  };
  EXPECT_TRUE(is_within_window(signature, at(0)));
  EXPECT_TRUE(is_within_window(signature, at(300)));
  EXPECT_TRUE(is_within_window(signature, at(-300)));
  EXPECT_FALSE(is_within_window(signature, at(301)));
  EXPECT_FALSE(is_within_window(signature, at(-301)));
}

TEST(RequestSignature, CoversEveryPart) {
  const HmacKey key("secret");
  const SignedContent content{"app", "GET", "/a?b=1", sha256_of_nothing, ""};
  std::vector<Digest> macs = {signature_mac(key, "1", "nonce", content)};
  const auto with = [&](auto change) {
    SignedContent changed = content;
    change(changed);
    macs.push_back(signature_mac(key, "1", "nonce", changed));
  };
  with([](SignedContent& c) { c.app_id = "apq"; });
  with([](SignedContent& c) { c.method = "PUT"; });
  with([](SignedContent& c) { c.target = "/a?b=2"; });
  with([](SignedContent& c) { c.session_token_sha256 = "00"; });
  with([](SignedContent& c) { c.body = "x"; });
  macs.push_back(signature_mac(key, "2", "nonce", content));
  macs.push_back(signature_mac(key, "1", "other", content));
  macs.push_back(signature_mac(HmacKey("secres"), "1", "nonce", content));
  std::ranges::sort(macs);
  EXPECT_EQ(std::ranges::adjacent_find(macs), macs.end());
}

// RFC 4231 §4.2, 4.3, 4.7: a short key, text keys, and one longer than a block.
TEST(Hmac, AgreesWithTheRfc) {
  const auto mac = [](const std::string& key, std::string_view text) {
    return std::string(view(hex(HmacKey(key).mac(text))));
  };
  EXPECT_EQ(mac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(mac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(mac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, JoinsPartsOfAnyLength) {
  const HmacKey key("secret");
  for (const std::size_t length : {0u, 1u, 55u, 64u, 511u, 512u, 513u, 5000u}) {
    const std::string middle(length, 'm');
    EXPECT_EQ(key.mac({"ab", middle, "c"}), key.mac("ab" + middle + "c")) << length;
  }
}

}  // namespace
}  // namespace callboard::identity
