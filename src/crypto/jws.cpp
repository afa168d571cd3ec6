#include "crypto/jws.hpp"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "crypto/base64url.hpp"

namespace callboard::jws {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> algorithm_names = {"HS256", "RS256", "ES256", "EdDSA"};
constexpr std::array<std::string_view, 5> refused_parameters = {"crit", "jwk", "jku", "x5c", "x5u"};
constexpr std::size_t max_key_id_bytes = 128;
constexpr std::size_t es256_half_bytes = 32;  // RFC 7518 §3.4: r and s, each of this length
// NumericDates beyond the year 9999 are nonsense, and near the limits of the arithmetic.
constexpr std::int64_t max_time_claim = 253'402'300'799;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<json::object> object_in(std::string_view text) {
  try {
    json::value value = parse_json(text);
    if (json::object* object = value.if_object()) return std::move(*object);
  } catch (const Error&) {
  }
  return std::nullopt;
}

struct Header {
  Algorithm algorithm;
  std::string key_id;
};

std::optional<Header> read_header(std::string_view encoded) {
  const auto text = from_base64url(encoded);
  const auto object = text ? object_in(*text) : std::nullopt;
  if (!object) return std::nullopt;
  if (std::ranges::any_of(refused_parameters, [&](auto name) { return object->contains(name); })) {
    return std::nullopt;
  }
  const json::string* name = text_claim(*object, "alg");
  const auto algorithm = name != nullptr ? algorithm_named(*name) : std::nullopt;
  if (!algorithm) return std::nullopt;
  Header header{*algorithm, {}};
  if (object->contains("kid")) {
    const json::string* key_id = text_claim(*object, "kid");
    if (key_id == nullptr || key_id->size() > max_key_id_bytes) return std::nullopt;
    header.key_id = std::string_view(*key_id);
  }
  return header;
}

// OpenSSL speaks DER where JWS has r and s side by side.
std::optional<std::string> der_from_raw(std::string_view raw) {
  if (raw.size() != 2 * es256_half_bytes) return std::nullopt;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(bytes_of(raw), es256_half_bytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(raw) + es256_half_bytes, es256_half_bytes, nullptr);
  ECDSA_SIG_set0(pair.get(), r, s);
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &der);
  if (length <= 0) return std::nullopt;
  std::string text(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return text;
}

std::string raw_from_der(std::string_view der) {
  const unsigned char* at = bytes_of(der);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  std::string raw(2 * es256_half_bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, es256_half_bytes);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + es256_half_bytes, es256_half_bytes);
  return raw;
}

using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

// Ed25519 hashes by itself; RS256 (whose default padding is PKCS #1 v1.5) and ES256 use SHA-256.
const EVP_MD* digest_for(Algorithm algorithm) {
  return algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
}

bool verify_asymmetric(const Token& token, EVP_PKEY* key) {
  std::string signature = token.signature;
  if (token.algorithm == Algorithm::es256) {
    auto der = der_from_raw(signature);
    if (!der) return false;
    signature = std::move(*der);
  }
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_MD_CTX* raw = context.get();
  const bool holds =
      EVP_DigestVerifyInit(raw, nullptr, digest_for(token.algorithm), nullptr, key) == 1 &&
      EVP_DigestVerify(raw, bytes_of(signature), signature.size(), bytes_of(token.signing_input),
                       token.signing_input.size()) == 1;
  if (!holds) ERR_clear_error();  // else the next one to look at this thread's queue is misled
  return holds;
}

std::string sign_asymmetric(std::string_view text, Algorithm algorithm, EVP_PKEY* key) {
  const DigestContext context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t length = 0;
  std::string signature;
  const bool ready =
      EVP_DigestSignInit(context.get(), nullptr, digest_for(algorithm), nullptr, key) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &length, bytes_of(text), text.size()) == 1;
  if (ready) signature.resize(length);
  auto* out = reinterpret_cast<unsigned char*>(signature.data());
  if (!ready || EVP_DigestSign(context.get(), out, &length, bytes_of(text), text.size()) != 1) {
    throw Error(ErrorCode::internal, "the key can't sign");
  }
  signature.resize(length);
  return algorithm == Algorithm::es256 ? raw_from_der(signature) : signature;
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  return algorithm_names[static_cast<std::size_t>(algorithm)];
}

std::optional<Algorithm> algorithm_named(std::string_view name) {
  const auto found = std::ranges::find(algorithm_names, name);
  if (found == algorithm_names.end()) return std::nullopt;
  return static_cast<Algorithm>(found - algorithm_names.begin());
}

std::optional<Token> parse(std::string_view compact) {
  if (compact.size() > max_token_bytes) return std::nullopt;
  const std::size_t first = compact.find('.');
  const std::size_t second = compact.find('.', first == compact.npos ? first : first + 1);
  if (second == compact.npos) return std::nullopt;
  auto header = read_header(compact.substr(0, first));
  auto payload = from_base64url(compact.substr(first + 1, second - first - 1));
  auto signature = from_base64url(compact.substr(second + 1));
  if (!header || !payload || !signature || signature->empty()) return std::nullopt;
  return Token{header->algorithm, std::move(header->key_id), std::move(*payload),
               compact.substr(0, second), std::move(*signature)};
}

bool verify(const Token& token, const Key& key) {
  if (token.algorithm != key.algorithm_) return false;
  if (const HmacKey* secret = std::get_if<HmacKey>(&key.material_)) {
    return equal_in_constant_time(token.signature, view(secret->mac(token.signing_input)));
  }
  return verify_asymmetric(token, std::get<Key::Asymmetric>(key.material_).get());
}

std::string sign(const Key& key, std::string_view payload, std::string_view key_id) {
  json::object header{{"alg", name_of(key.algorithm_)}, {"typ", "JWT"}};
  if (!key_id.empty()) header["kid"] = key_id;
  const std::string input = base64url(json::serialize(header)) + '.' + base64url(payload);
  if (const HmacKey* secret = std::get_if<HmacKey>(&key.material_)) {
    return input + '.' + base64url(view(secret->mac(input)));
  }
  EVP_PKEY* pkey = std::get<Key::Asymmetric>(key.material_).get();
  return input + '.' + base64url(sign_asymmetric(input, key.algorithm_, pkey));
}

std::optional<json::object> claims_of(const Token& token) {
  return object_in(token.payload);
}

const json::string* text_claim(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  return value == nullptr ? nullptr : value->if_string();
}

std::optional<std::int64_t> time_claim(const json::object& claims, std::string_view name) {
  const json::value* value = claims.if_contains(name);
  const std::int64_t* seconds = value == nullptr ? nullptr : value->if_int64();
  if (seconds == nullptr || *seconds < 0 || *seconds > max_time_claim) return std::nullopt;
  return *seconds;
}

bool has_begun(const json::object& claims, Timestamp now) {
  const std::int64_t latest = unix_seconds(now + clock_leeway);
  return std::ranges::all_of(std::array{"iat", "nbf"}, [&](std::string_view name) {
    if (!claims.contains(name)) return true;
    const auto begins = time_claim(claims, name);
    return begins && *begins <= latest;
  });
}

}  // namespace callboard::jws
