// Everything of a request's credentials that is parsed before anything is known about the sender:
// the signature's header, compact JWS with their claims, and, from operators, public keys.

#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "crypto/base64url.hpp"
#include "crypto/jws.hpp"
#include "identity/request_signature.hpp"
#include "identity/server_token.hpp"
#include "identity/session_token.hpp"

namespace callboard::identity {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr Timestamp now{std::chrono::seconds{1'700'000'000}};

void try_signature(std::string_view text) {
  const auto signature = parse_signature(text);
  if (!signature) return;
  require(text.size() == signature->time.size() + signature->nonce.size() + 73);
  require(std::to_string(signature->unix_s) == signature->time);
  is_within_window(*signature, now);
}

void try_claims(const jws::Token& token) {
  const auto claims = jws::claims_of(token);
  if (!claims) return;
  session_of(*claims, now);
  if (const auto server = server_claims_of(*claims, now)) {
    require(server->expires_unix_s <= unix_seconds(now + max_server_token_life));
  }
}

// A token has one spelling.
void try_token(std::string_view text) {
  const auto token = jws::parse(text);
  if (!token) return;
  require(std::string(token->signing_input) + "." + base64url(token->signature) == text);
  require(text.find('.') != text.npos && text.ends_with(base64url(token->signature)));
  static const jws::Key key = jws::Key::secret("a secret that the input does not hold");
  require(!jws::verify(*token, key));
  try_claims(*token);
}

// The input as a header and a payload, properly encoded and signed, to get past the first checks.
void try_signed(std::string_view text) {
  static const HmacKey key("secret");
  const std::size_t split = text.find('\n');
  if (split == text.npos) return;
  const std::string input =
      base64url(text.substr(0, split)) + "." + base64url(text.substr(split + 1));
  const std::string compact = input + "." + base64url(view(key.mac(input)));
  const auto token = jws::parse(compact);
  if (!token) return;
  require(token->payload == text.substr(split + 1));
  require(jws::verify(*token, jws::Key::secret("secret")) ==
          (token->algorithm == jws::Algorithm::hs256));
  try_claims(*token);
}

void try_public_key(std::string_view text) {
  if (!text.starts_with('{') && !text.starts_with("-----BEGIN")) return;
  try {
    const jws::Key key = jws::Key::public_key(text);
    require(jws::Key::public_key(key.public_pem()).algorithm() == key.algorithm());
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid);
  }
}

}  // namespace
}  // namespace callboard::identity

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  callboard::identity::try_signature(text);
  callboard::identity::try_token(text);
  callboard::identity::try_signed(text);
  callboard::identity::try_public_key(text);
  return 0;
}
