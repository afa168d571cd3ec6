#pragma once

// Fresh key pairs for tests of tokens, as PEM. The test program links OpenSSL.

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

#include "crypto/jws.hpp"

namespace callboard::test {

inline std::string private_pem(EVP_PKEY* made) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(made, EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

inline std::string new_rsa(std::size_t bits = 2048) {
  return private_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
}
inline std::string new_ec(const char* curve = "P-256") {
  return private_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}
inline std::string new_ed25519() {
  return private_pem(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

// The public half of a private one.
inline std::string public_pem(const std::string& private_pem) {
  return jws::Key::private_key(private_pem).public_pem();
}

}  // namespace callboard::test
