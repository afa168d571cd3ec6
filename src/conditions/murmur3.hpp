#pragma once

// MurmurHash3_x86_32 by Austin Appleby (public domain, github.com/aappleby/smhasher): not for
// secrets, but the hash that feature-flag systems agree on for gradual rollouts.

#include <cstdint>
#include <string_view>

namespace callboard::conditions {

std::uint32_t murmur3_32(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace callboard::conditions
