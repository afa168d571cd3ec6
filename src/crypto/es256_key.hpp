#pragma once

// New keys for ES256 (P-256), for whoever signs tokens and publishes the key to check them by: what
// stands in for LINE, not the server. Any thread. Throws Error{internal} where OpenSSL fails.

#include <string>
#include <string_view>

namespace callboard::jws {

struct Es256Key {
  std::string private_pem;  // for Key::private_key()
  std::string x, y;         // base64url of the public point

  // The public half (RFC 7517, RFC 7518 §6.2), for signatures, under that name.
  std::string public_jwk(std::string_view key_id) const;
};
Es256Key new_es256_key();

}  // namespace callboard::jws
