#include "line/id_token.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;
using Fault = IdTokenFault;

std::optional<Fault> signature_fault(const jws::Token& token, const Channel& channel,
                                     const Certs& certs) {
  if (token.algorithm == jws::Algorithm::hs256) {
    // With an empty secret anybody could sign.
    const bool holds = !channel.channel_secret.empty() &&
                       jws::verify(token, jws::Key::secret(channel.channel_secret));
    return holds ? std::nullopt : std::optional(Fault::bad_signature);
  }
  if (token.algorithm != jws::Algorithm::es256) return Fault::malformed;
  const jws::Key* key = certs.find(token.key_id);
  if (key == nullptr) return Fault::needs_certs;
  return jws::verify(token, *key) ? std::nullopt : std::optional(Fault::bad_signature);
}

bool is_for(const json::object& claims, std::string_view channel_id) {
  const json::value* audience = claims.if_contains("aud");
  if (audience == nullptr || channel_id.empty()) return false;
  if (audience->is_string()) return audience->get_string() == channel_id;
  if (!audience->is_array() || audience->get_array().size() != 1) return false;
  const json::value& only = audience->get_array().front();
  return only.is_string() && only.get_string() == channel_id;
}

std::optional<Fault> time_fault(const json::object& claims, Timestamp now) {
  const auto expires = jws::time_claim(claims, "exp");
  if (!expires || *expires <= unix_seconds(now - jws::clock_leeway)) return Fault::expired;
  if (!jws::time_claim(claims, "iat") || !jws::has_begun(claims, now)) return Fault::not_yet_valid;
  return std::nullopt;
}

bool is_user_id(std::string_view text) {
  const auto is_visible = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= max_subject_bytes && std::ranges::all_of(text, is_visible);
}

std::optional<Fault> claims_fault(const json::object& claims, const Channel& channel,
                                  std::string_view nonce, Timestamp now) {
  if (text_member(claims, "iss") != channel.issuer) return Fault::wrong_issuer;
  if (!is_for(claims, channel.channel_id)) return Fault::wrong_audience;
  if (const auto fault = time_fault(claims, now)) return fault;
  if (nonce.empty() || text_member(claims, "nonce") != nonce) return Fault::wrong_nonce;
  if (!is_user_id(text_member(claims, "sub"))) return Fault::bad_subject;
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::malformed:
      return "malformed";
    case Fault::bad_signature:
      return "bad_signature";
    case Fault::needs_certs:
      return "needs_certs";
    case Fault::wrong_issuer:
      return "wrong_issuer";
    case Fault::wrong_audience:
      return "wrong_audience";
    case Fault::expired:
      return "expired";
    case Fault::not_yet_valid:
      return "not_yet_valid";
    case Fault::wrong_nonce:
      return "wrong_nonce";
    case Fault::bad_subject:
      break;
  }
  return "bad_subject";
}

tl::expected<IdToken, IdTokenFault> verify_id_token(std::string_view text, const Channel& channel,
                                                    std::string_view nonce, const Certs& certs,
                                                    Timestamp now) {
  const auto token = jws::parse(text);
  if (!token) return tl::unexpected(Fault::malformed);
  if (const auto fault = signature_fault(*token, channel, certs)) return tl::unexpected(*fault);
  const auto claims = jws::claims_of(*token);
  if (!claims) return tl::unexpected(Fault::malformed);
  if (const auto fault = claims_fault(*claims, channel, nonce, now)) return tl::unexpected(*fault);
  return IdToken{text_member(*claims, "sub"), text_member(*claims, "name"),
                 text_member(*claims, "picture")};
}

}  // namespace callboard::line
