// Reading keys: PEM and JWK (RFC 7517, 7518 §6, 8037 §2) into OpenSSL's EVP_PKEY.

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "crypto/base64url.hpp"
#include "crypto/jws.hpp"

namespace callboard::jws {
namespace {

namespace json = boost::json;

constexpr std::size_t max_key_text_bytes = 8 * 1024;
constexpr int max_rsa_exponent_bits = 32;  // a huge one makes each verification slow
constexpr std::size_t p256_coordinate_bytes = 32;

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* pointer) const {
    release(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Releaser<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Releaser<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Releaser<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Releaser<OSSL_PARAM_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Releaser<EVP_PKEY_CTX_free>>;
using Pkey = std::shared_ptr<EVP_PKEY>;

[[noreturn]] void refuse(const std::string& why) {
  ERR_clear_error();  // else the next one to look at this thread's queue is misled
  throw Error(ErrorCode::invalid, "the public key " + why);
}

Pkey owned(EVP_PKEY* key) {
  return Pkey(key, EVP_PKEY_free);
}

Bio reader_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Pkey from_pem(std::string_view text) {
  const Bio bio = reader_of(text);
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr);
  if (key == nullptr) refuse("is neither PEM (BEGIN PUBLIC KEY) nor a JWK");
  return owned(key);
}

std::string member(const json::object& jwk, std::string_view name) {
  const json::string* text = text_claim(jwk, name);
  auto bytes = text != nullptr ? from_base64url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) {
    refuse("lacks a base64url member \"" + std::string(name) + "\"");
  }
  return std::move(*bytes);
}

Pkey build(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    refuse("is not valid for its type");
  }
  return owned(key);
}

Number number(const std::string& bytes) {
  return Number(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                          static_cast<int>(bytes.size()), nullptr));
}

Pkey rsa_from(const json::object& jwk) {
  const Number modulus = number(member(jwk, "n"));
  const Number exponent = number(member(jwk, "e"));
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return build("RSA", builder.get());
}

Pkey ec_from(const json::object& jwk) {
  const std::string x = member(jwk, "x");
  const std::string y = member(jwk, "y");
  if (x.size() != p256_coordinate_bytes || y.size() != p256_coordinate_bytes) {
    refuse("has coordinates of the wrong length");
  }
  const std::string point = '\x04' + x + y;  // SEC 1 §2.3.3: uncompressed
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  return build("EC", builder.get());
}

Pkey ed25519_from(const json::object& jwk) {
  const std::string x = member(jwk, "x");
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(x.data()), x.size());
  if (key == nullptr) refuse("is not valid for its type");
  return owned(key);
}

bool is(const json::object& jwk, std::string_view name, std::string_view expected) {
  const json::string* found = text_claim(jwk, name);
  return found != nullptr && *found == expected;
}

Pkey material_of(const json::object& jwk) {
  if (is(jwk, "kty", "RSA")) return rsa_from(jwk);
  if (is(jwk, "kty", "EC") && is(jwk, "crv", "P-256")) return ec_from(jwk);
  if (is(jwk, "kty", "OKP") && is(jwk, "crv", "Ed25519")) return ed25519_from(jwk);
  refuse("must be RSA, P-256 or Ed25519");
}

void check_rsa(EVP_PKEY* key) {
  BIGNUM* raw = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &raw);
  const Number exponent(raw);
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < min_rsa_bits || bits > max_rsa_bits) refuse("must have 2048 to 8192 bits");
  if (!exponent || BN_num_bits(exponent.get()) > max_rsa_exponent_bits ||
      BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get())) {
    refuse("has an unusual exponent");
  }
}

Algorithm algorithm_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    check_rsa(key);
    return Algorithm::rs256;
  }
  char group[32] = {};
  EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
  if (EVP_PKEY_is_a(key, "EC") == 1 && std::string_view(group) == "prime256v1") {
    return Algorithm::es256;
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return Algorithm::eddsa;
  refuse("must be RSA, P-256 or Ed25519");
}

Pkey from_jwk(std::string_view text) {
  const json::value value = parse_json(text);
  const json::object& jwk = value.as_object();
  if (jwk.contains("d")) refuse("is a private key: register the public half only");
  if (jwk.contains("use") && !is(jwk, "use", "sig")) refuse("is not for signatures (\"use\")");
  Pkey key = material_of(jwk);
  if (jwk.contains("alg") && !is(jwk, "alg", name_of(algorithm_of(key.get())))) {
    refuse("is for another algorithm (\"alg\")");
  }
  return key;
}

void check_valid(EVP_PKEY* key) {
  const Context context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (EVP_PKEY_public_check(context.get()) != 1) refuse("is not valid for its type");
}

}  // namespace

Key Key::of(Asymmetric key) {
  const Algorithm algorithm = algorithm_of(key.get());
  ERR_clear_error();
  return Key(algorithm, std::move(key));
}

Key Key::secret(std::string_view bytes) {
  return Key(Algorithm::hs256, HmacKey(bytes));
}

Key Key::public_key(std::string_view text) {
  if (text.size() > max_key_text_bytes) refuse("is too long");
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  const bool is_jwk = start != text.npos && text[start] == '{';
  Key key = of(is_jwk ? from_jwk(text) : from_pem(text));
  check_valid(std::get<Asymmetric>(key.material_).get());
  return key;
}

Key Key::private_key(std::string_view pem) {
  const Bio bio = reader_of(pem);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr);
  if (key == nullptr) {
    ERR_clear_error();
    throw Error(ErrorCode::invalid, "the private key is not PEM");
  }
  return of(owned(key));
}

std::string Key::public_pem() const {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), std::get<Asymmetric>(material_).get());
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

}  // namespace callboard::jws
