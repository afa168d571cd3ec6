#pragma once

// JSON Web Signatures in compact form (RFC 7515, 7518, 8037): HS256, RS256, ES256 and EdDSA
// (Ed25519), over OpenSSL and Boost.JSON.
//
// A key knows its one algorithm and verifies nothing else, whatever a token's header says. A header
// may not bring a key of its own (`jwk`, `jku`, `x5c`, `x5u`) nor demand extensions (`crit`).
// Values; any thread. parse() allocates in proportion to the token, which is at most 8 KiB.

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "crypto/sha256.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace callboard::jws {

inline constexpr std::size_t max_token_bytes = 8 * 1024;
inline constexpr std::chrono::seconds clock_leeway{60};
inline constexpr int min_rsa_bits = 2048;
inline constexpr int max_rsa_bits = 8192;  // verifying a larger one takes milliseconds

enum class Algorithm : std::uint8_t { hs256, rs256, es256, eddsa };
std::string_view name_of(Algorithm algorithm);  // "HS256"
std::optional<Algorithm> algorithm_named(std::string_view name);

class Key {
 public:
  // HS256 with these very bytes.
  static Key secret(std::string_view bytes);
  // A public key as PEM (SubjectPublicKeyInfo) or as JWK: RSA of at least 2048 bits, P-256 or
  // Ed25519. Throws Error{invalid} that says what is wrong with it.
  static Key public_key(std::string_view pem_or_jwk);
  // The private half, PEM, for signing: what a client of Callboard has, not the server.
  static Key private_key(std::string_view pem);

  Algorithm algorithm() const { return algorithm_; }
  // Of a public key: PEM, whatever it was read from.
  std::string public_pem() const;

 private:
  friend bool verify(const struct Token& token, const Key& key);
  friend std::string sign(const Key& key, std::string_view payload, std::string_view key_id);
  using Asymmetric = std::shared_ptr<evp_pkey_st>;

  Key(Algorithm algorithm, std::variant<HmacKey, Asymmetric> material)
      : algorithm_(algorithm), material_(std::move(material)) {}
  static Key of(Asymmetric key);

  Algorithm algorithm_;
  std::variant<HmacKey, Asymmetric> material_;
};

// A well-formed token, of which nothing is believed yet.
struct Token {
  Algorithm algorithm;
  std::string key_id;  // empty: the header names none
  std::string payload;
  std::string_view signing_input;  // into the text that was parsed
  std::string signature;
};

std::optional<Token> parse(std::string_view compact);
// Whether `key` signed it.
bool verify(const Token& token, const Key& key);
std::string sign(const Key& key, std::string_view payload, std::string_view key_id = {});

// The payload as JWT claims: a JSON object without duplicate names, or nothing.
std::optional<boost::json::object> claims_of(const Token& token);
// Null if absent or not a string.
const boost::json::string* text_claim(const boost::json::object& claims, std::string_view name);
// A NumericDate: whole seconds, not negative. Nothing if absent or anything else.
std::optional<std::int64_t> time_claim(const boost::json::object& claims, std::string_view name);
// That neither `iat` nor `nbf`, where they are there, is malformed or in the future; a minute is
// forgiven, because clocks differ.
bool has_begun(const boost::json::object& claims, Timestamp now);

}  // namespace callboard::jws
