#include "identity/signing.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "identity/trust.hpp"

namespace callboard::identity {
namespace {
constexpr std::size_t nonce_entropy_bytes = 12;
constexpr std::size_t family_entropy_bytes = 12;
}  // namespace

std::string sign_request(std::string_view client_key, const RequestToSign& request, Timestamp now,
                         std::string_view nonce) {
  const std::string time = std::to_string(unix_seconds(now));
  const std::string chosen = nonce.empty() ? random_token(nonce_entropy_bytes) : std::string(nonce);
  const HexDigest token = sha256_hex(request.session_token);
  const Digest mac =
      signature_mac(HmacKey(client_key), time, chosen,
                    {request.app_id, request.method, request.target, view(token), request.body});
  return "t=" + time + ",n=" + chosen + ",v1=" + std::string(view(hex(mac)));
}

std::string session_token_for(const AppKeys& keys, std::string_view app_id,
                              std::string_view user_id, Timestamp now) {
  if (keys.session.empty()) {
    throw Error(ErrorCode::internal, "the application has no key for sessions");
  }
  return mint_session_token(
      keys.session.front(),
      {std::string(app_id), std::string(user_id), random_token(family_entropy_bytes),
       unix_seconds(now), unix_seconds(now + session_life)});
}

}  // namespace callboard::identity
