#pragma once

// Base64url without padding (RFC 7515 §2), strictly: no padding, no other character, and the unused
// bits of the last character are zero, so that every value has one spelling. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace callboard {

std::string base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace callboard
