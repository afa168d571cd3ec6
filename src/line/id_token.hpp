#pragma once

// Who signed in: an ID token of LINE Login, believed only after everything about it was checked
// (OpenID Connect Core §3.1.3.7). HS256 goes under the channel's secret and ES256 under one of
// LINE's own keys; a token can't choose one for the other. Pure, any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/clock.hpp"
#include "line/certs.hpp"
#include "line/channel.hpp"

namespace callboard::line {

inline constexpr std::size_t max_subject_bytes = 64;

struct IdToken {
  std::string user_id;  // "U" and 32 hexadecimal digits at LINE
  std::string name;     // empty: not told, as with the picture
  std::string picture_url;
};

enum class IdTokenFault : std::uint8_t {
  malformed,  // no token, or of an algorithm that LINE does not use
  bad_signature,
  needs_certs,  // ES256 under a key that is not among the certs: fetch them, and ask again
  wrong_issuer,
  wrong_audience,
  expired,
  not_yet_valid,
  wrong_nonce,
  bad_subject,
};
std::string_view name_of(IdTokenFault fault);  // "wrong_nonce"

// `nonce`: what the authorization was asked for with; must not be empty. `certs`: empty until a
// token needs them.
tl::expected<IdToken, IdTokenFault> verify_id_token(std::string_view token, const Channel& channel,
                                                    std::string_view nonce, const Certs& certs,
                                                    Timestamp now);

}  // namespace callboard::line
