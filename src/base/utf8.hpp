#pragma once

// Texts in UTF-8. Pure; any thread.

#include <cstddef>
#include <string_view>

namespace callboard {

// As much of valid UTF-8 from its beginning as fits, in whole characters.
constexpr std::string_view cut_utf8(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  std::size_t length = most_bytes;
  while (length > 0 && (text[length] & 0xC0) == 0x80) --length;
  return text.substr(0, length);
}

}  // namespace callboard
