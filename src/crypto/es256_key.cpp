#include "crypto/es256_key.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <boost/json.hpp>
#include <memory>

#include "base/error.hpp"
#include "crypto/base64url.hpp"

namespace callboard::jws {
namespace {

namespace json = boost::json;

constexpr std::size_t coordinate_bytes = 32;
constexpr std::size_t point_bytes = 1 + 2 * coordinate_bytes;  // SEC 1 §2.3.3: uncompressed

void require(bool works) {
  if (!works) throw Error(ErrorCode::internal, "no key can be made");
}

}  // namespace

std::string Es256Key::public_jwk(std::string_view key_id) const {
  return json::serialize(json::object{{"kty", "EC"},
                                      {"alg", "ES256"},
                                      {"use", "sig"},
                                      {"kid", key_id},
                                      {"crv", "P-256"},
                                      {"x", x},
                                      {"y", y}});
}

Es256Key new_es256_key() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  require(key && bio);
  require(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
  char* pem = nullptr;
  const long pem_bytes = BIO_get_mem_data(bio.get(), &pem);
  std::array<unsigned char, point_bytes> point{};
  std::size_t length = 0;
  require(EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                          point.size(), &length) == 1 &&
          length == point.size());
  const std::string_view bytes(reinterpret_cast<const char*>(point.data()), point.size());
  return {std::string(pem, static_cast<std::size_t>(pem_bytes)),
          base64url(bytes.substr(1, coordinate_bytes)),
          base64url(bytes.substr(1 + coordinate_bytes))};
}

}  // namespace callboard::jws
