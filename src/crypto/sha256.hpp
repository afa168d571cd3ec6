#pragma once

// SHA-256 and HMAC-SHA256 for the hot path: an HmacKey keeps the two hash states that depend on
// the key alone, so that a signature over 200 bytes costs five compressions and no allocation.
//
// Values; immutable after construction, any thread. OpenSSL does the compression (SHA-NI where the
// processor has it).

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace callboard {

using Digest = std::array<unsigned char, 32>;
using HexDigest = std::array<char, 64>;

Digest sha256(std::string_view text);
// Lower-case hexadecimal.
HexDigest hex(const Digest& digest);
inline HexDigest sha256_hex(std::string_view text) {
  return hex(sha256(text));
}
inline std::string_view view(const HexDigest& digest) {
  return {digest.data(), digest.size()};
}
inline std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Takes the same time wherever the first difference is. Lengths are not secret.
bool equal_in_constant_time(std::string_view a, std::string_view b);

class HmacKey {
 public:
  explicit HmacKey(std::string_view secret);
  HmacKey(const HmacKey&) = default;
  HmacKey& operator=(const HmacKey&) = default;
  ~HmacKey();  // wipes the states

  // The MAC of the parts, one after the other.
  Digest mac(std::initializer_list<std::string_view> parts) const;
  Digest mac(std::string_view text) const { return mac({text}); }

 private:
  using State = std::array<std::uint32_t, 8>;  // after the first block: the padded key
  State inner_;
  State outer_;
};

}  // namespace callboard
