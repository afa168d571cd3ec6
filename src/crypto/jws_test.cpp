#include "crypto/jws.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "crypto/base64url.hpp"

namespace callboard::jws {
namespace {

constexpr std::string_view claims_of_rfc = R"(eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0)"
                                           R"(dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ)";
constexpr std::string_view secret_of_rfc =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
constexpr std::string_view rsa_of_rfc =
    R"({"kty":"RSA","e":"AQAB","n":")"
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
    "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0"
    "LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD"
    "Zlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2"
    "PAcDTW9gb54h4FRWyuXpoQ"
    R"("})";
constexpr std::string_view p256_of_rfc = R"({"kty":"EC","crv":"P-256",
 "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
 "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view ed25519_of_rfc =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";

struct Vector {
  const char* name;
  Key key;
  std::string token;
};

std::vector<Vector> vectors() {
  const std::string claims(claims_of_rfc);
  return {
      {"RFC 7515 A.1", Key::secret(*from_base64url(secret_of_rfc)),
       "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + claims +
           ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
      {"RFC 7515 A.2", Key::public_key(rsa_of_rfc),
       "eyJhbGciOiJSUzI1NiJ9." + claims +
           ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
           "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARN"
           "PvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1"
           "phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
      {"RFC 7515 A.3", Key::public_key(p256_of_rfc),
       "eyJhbGciOiJFUzI1NiJ9." + claims +
           ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1"
           "Q"},
      {"RFC 8037 A.4", Key::public_key(ed25519_of_rfc),
       "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
       ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
  };
}

bool is_signed_by(const Key& key, const std::string& token) {
  const auto parsed = parse(token);
  return parsed && verify(*parsed, key);
}

TEST(Jws, VerifiesTheVectorsOfTheRfcs) {
  for (const Vector& vector : vectors()) {
    EXPECT_TRUE(is_signed_by(vector.key, vector.token)) << vector.name;
  }
}

TEST(Jws, EveryKeyVerifiesItsOwnAlgorithmOnly) {
  const auto all = vectors();
  for (const Vector& mine : all) {
    for (const Vector& other : all) {
      if (mine.name == other.name) continue;
      EXPECT_FALSE(is_signed_by(mine.key, other.token)) << mine.name << " and " << other.name;
    }
  }
}

TEST(Jws, NoticesEveryChangedBit) {
  for (const Vector& vector : vectors()) {
    const std::size_t signature = vector.token.rfind('.') + 1;
    for (std::size_t i = signature; i < vector.token.size(); i += 7) {
      std::string changed = vector.token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(is_signed_by(vector.key, changed)) << vector.name << " at " << i;
    }
    std::string changed = vector.token;
    changed[vector.token.find('.') + 1] ^= 1;
    EXPECT_FALSE(is_signed_by(vector.key, changed)) << vector.name;
  }
}

// Signed with the right secret, so that only the header or the spelling is at fault.
std::string hs256(std::string_view header, std::string_view payload = "{}") {
  const std::string input = base64url(header) + "." + base64url(payload);
  return input + "." + base64url(view(HmacKey("secret").mac(input)));
}

TEST(Jws, RefusesHostileHeaders) {
  const Key key = Key::secret("secret");
  ASSERT_TRUE(is_signed_by(key, hs256(R"({"alg":"HS256"})")));
  ASSERT_TRUE(is_signed_by(key, hs256(R"({"alg":"HS256","kid":"a","typ":"JWT","x":[1]})")));
  const std::vector<std::string> hostile = {
      R"({"alg":"none"})",
      R"({"alg":"None"})",
      R"({"alg":"NONE"})",
      R"({"alg":"hs256"})",
      R"({"alg":"HS512"})",
      R"({"alg":"HS256 "})",
      R"({"alg":""})",
      R"({"alg":null})",
      R"({"alg":["HS256"]})",
      R"({"typ":"JWT"})",
      R"({})",
      R"([])",
      R"("HS256")",
      "",
      R"({"alg":"HS256")",
      R"({"alg":"HS256"}x)",
      R"({"alg":"none","alg":"HS256"})",
      R"({"alg":"HS256","alg":"HS256"})",
      R"({"alg":"HS256","crit":["exp"],"exp":1})",
      R"({"alg":"HS256","crit":[]})",
      R"({"alg":"HS256","b64":false,"crit":["b64"]})",
      R"({"alg":"HS256","jku":"https://evil.example/keys"})",
      R"({"alg":"HS256","x5u":"https://evil.example/cert"})",
      R"({"alg":"HS256","x5c":["MIIB"]})",
      R"({"alg":"HS256","jwk":{"kty":"oct","k":"c2VjcmV0"}})",
      R"({"alg":"HS256","kid":1})",
      R"({"alg":"HS256","kid":"../../dev/null)" + std::string(200, 'x') + "\"}",
      "{\"alg\":\"HS256\",\"x\":\"\xff\"}",
  };
  for (const std::string& header : hostile) EXPECT_FALSE(parse(hs256(header))) << header;
}

TEST(Jws, RefusesOtherSpellings) {
  const std::string token = hs256(R"({"alg":"HS256"})", R"({"a":12})");
  ASSERT_TRUE(parse(token));
  const std::size_t last_dot = token.rfind('.');
  const std::string input = token.substr(0, last_dot);
  // The last character of 43 carries two unused bits.
  std::string other_bits = token;
  ++other_bits.back();
  const std::vector<std::string> wrong = {
      "",
      ".",
      "..",
      "a.b",
      input,
      input + ".",
      token + "=",
      token + ".",
      token + "." + token,
      token + " ",
      "\n" + token,
      token.substr(0, token.size() - 1) + "+",
      token.substr(0, token.size() - 1) + "/",
      token.substr(0, last_dot) + "=" + token.substr(last_dot),
      other_bits,
      "Bearer " + token,
      std::string(max_token_bytes + 1, 'a'),
      std::string(max_token_bytes, '.'),
  };
  for (const std::string& each : wrong) EXPECT_FALSE(parse(each)) << each.substr(0, 200);
  EXPECT_FALSE(is_signed_by(Key::secret("secret"), token.substr(0, token.size() - 2)));
}

TEST(Base64Url, HasOneSpellingOfEveryValue) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::size_t at : {0u, 1u, 2u, 3u}) {
      std::string text = "AAAA";
      text[at] = static_cast<char>(byte);
      const auto bytes = from_base64url(text);
      if (bytes) {
        EXPECT_EQ(base64url(*bytes), text) << byte << " at " << at;
      }
    }
  }
  EXPECT_EQ(from_base64url(""), "");
  EXPECT_EQ(from_base64url("_-8"), "\xff\xef");
  for (const char* wrong : {"A", "AAAAA", "AB", "AAB", "AA==", "AA=", "+AAA", "A A", "AAAA\n"}) {
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
  }
}

TEST(Jws, PublicKeyIsNoSecret) {
  const Key rsa = Key::public_key(rsa_of_rfc);
  const std::string pem = rsa.public_pem();
  const std::string forged = sign(Key::secret(pem), R"({"iss":"demo"})");
  EXPECT_FALSE(is_signed_by(rsa, forged));
  EXPECT_TRUE(is_signed_by(Key::secret(pem), forged));
}

TEST(Jws, RefusesDegenerateEcdsaSignatures) {
  const Key key = Key::public_key(p256_of_rfc);
  const std::string input = "eyJhbGciOiJFUzI1NiJ9." + std::string(claims_of_rfc) + ".";
  EXPECT_FALSE(is_signed_by(key, input + base64url(std::string(64, '\0'))));
  EXPECT_FALSE(is_signed_by(key, input + base64url(std::string(64, '\xff'))));
  EXPECT_FALSE(is_signed_by(key, input + base64url(std::string(63, '\1'))));
  EXPECT_FALSE(is_signed_by(key, input + base64url(std::string(72, '\1'))));
}

TEST(Jws, ReadsClaimsStrictly) {
  const auto claims = [](const std::string& payload) {
    return claims_of(*parse(hs256(R"({"alg":"HS256"})", payload)));
  };
  EXPECT_TRUE(claims(R"({"exp":1})"));
  for (const char* payload : {"", "[]", "1", R"({"exp":1,"exp":2})", "{\"a\":\"\xc3\"}", "{} {}"}) {
    EXPECT_FALSE(claims(payload)) << payload;
  }
  const auto time = [&](const std::string& value) {
    return time_claim(*claims(R"({"exp":)" + value + "}"), "exp");
  };
  EXPECT_EQ(time("0"), 0);
  EXPECT_EQ(time("1700000000"), 1'700'000'000);
  for (const char* value : {"-1", "1.5", "1e9", "\"1700000000\"", "null", "true", "[1]",
                            "99999999999999", "18446744073709551615", "1e400"}) {
    if (std::string_view(value) == "1e400") {
      EXPECT_FALSE(claims(R"({"exp":1e400})") && time(value)) << value;
      continue;
    }
    EXPECT_FALSE(time(value)) << value;
  }
}

TEST(Jws, ForgivesAMinuteOfClockDifference) {
  const Timestamp now{std::chrono::seconds{1000}};
  const auto begun = [&](boost::json::object claims) { return has_begun(claims, now); };
  EXPECT_TRUE(begun({}));
  EXPECT_TRUE(begun({{"iat", 1060}, {"nbf", 1060}}));
  EXPECT_FALSE(begun({{"iat", 1061}}));
  EXPECT_FALSE(begun({{"nbf", 1061}}));
  EXPECT_FALSE(begun({{"nbf", "900"}}));
  EXPECT_FALSE(begun({{"iat", 900.5}}));
}

}  // namespace
}  // namespace callboard::jws
