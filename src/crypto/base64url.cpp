#include "crypto/base64url.hpp"

#include <sodium.h>

#include <algorithm>

namespace callboard {
namespace {

constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

// libsodium 1.0.18 takes some bytes beyond ASCII for characters of the alphabet.
bool is_in_alphabet(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();  // libsodium's terminating NUL
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (!std::ranges::all_of(text, is_in_alphabet)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const int failure =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &length, &end, variant);
  if (failure != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(length);
  return bytes;
}

}  // namespace callboard
