#pragma once

// The signature of an app client's request, header X-BytePower-Sign:
//
//   t=<unix seconds>,n=<nonce>,v1=<64 hexadecimal digits>
//
// where v1 is HMAC-SHA256(client key, text), and text is these lines joined by "\n": `v1`, app id,
// t, n, method, target as sent, lower-case hex SHA-256 of the session token (of nothing if there is
// none), lower-case hex SHA-256 of the body. docs/signature.md describes it for client authors.
// Pure values and functions, any thread; nothing here allocates.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "crypto/sha256.hpp"

namespace callboard::identity {

inline constexpr std::string_view signature_header = "X-BytePower-Sign";
inline constexpr std::chrono::seconds signature_window{300};  // both ways
inline constexpr std::size_t min_nonce_bytes = 8;
inline constexpr std::size_t max_nonce_bytes = 64;

// What the header says; views into it.
struct RequestSignature {
  std::int64_t unix_s = 0;
  std::string_view time;  // as sent
  std::string_view nonce;
  Digest mac{};
};

// What is signed besides.
struct SignedContent {
  std::string_view app_id;
  std::string_view method;
  std::string_view target;
  std::string_view session_token_sha256;  // lower-case hex
  std::string_view body;
};

// Lower-case hex SHA-256 of nothing: of no session token, of an empty body.
inline constexpr std::string_view sha256_of_nothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// Nothing: malformed. The three parts stand in the order shown, without spaces.
std::optional<RequestSignature> parse_signature(std::string_view header);
bool is_within_window(const RequestSignature& signature, Timestamp now);

Digest signature_mac(const HmacKey& key, std::string_view time, std::string_view nonce,
                     const SignedContent& content);

}  // namespace callboard::identity
