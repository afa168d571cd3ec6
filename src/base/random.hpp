#pragma once

// Unpredictable values, from the operating system by way of libsodium. Any thread.

#include <cstddef>
#include <string>
#include <string_view>

namespace callboard {

// `count` bytes.
std::string random_bytes(std::size_t count);

// URL-safe base64 without padding over `entropy_bytes` random bytes: for keys, tokens and nonces.
std::string random_token(std::size_t entropy_bytes = 32);

// 16 lower-case hexadecimal digits, for ids that people type; unique, and no secret.
std::string random_id();

// A UUID of version 4 (RFC 9562, section 5.4), in lower case.
std::string random_uuid();

// Evenly from 0 to less than 1.
double random_fraction();

// Lower-case hexadecimal.
std::string to_hex(std::string_view bytes);

}  // namespace callboard
