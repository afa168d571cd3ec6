#include "conditions/case_fold.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "conditions/case_fold_table.hpp"

namespace callboard::conditions {
namespace {

struct Decoded {
  std::uint32_t code_point;
  std::size_t length;  // 0: not UTF-8
};

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

Decoded decode(std::string_view text, std::size_t at) {
  const unsigned lead = byte_at(text, at);
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {0, 0};
  std::uint32_t code_point = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const unsigned byte = byte_at(text, at + i);
    if ((byte & 0xC0) != 0x80) return {0, 0};
    code_point = code_point << 6 | (byte & 0x3F);
  }
  constexpr std::uint32_t smallest_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code_point < smallest_of_length[length]) return {0, 0};
  return {code_point, length};
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  const auto push = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) return push(code_point);
  if (code_point < 0x800) {
    push(0xC0 | code_point >> 6);
  } else {
    if (code_point < 0x10000) {
      push(0xE0 | code_point >> 12);
    } else {
      push(0xF0 | code_point >> 18);
      push(0x80 | (code_point >> 12 & 0x3F));
    }
    push(0x80 | (code_point >> 6 & 0x3F));
  }
  push(0x80 | (code_point & 0x3F));
}

std::uint32_t fold_code_point(std::uint32_t code_point) {
  const auto* range = std::ranges::upper_bound(fold_ranges, code_point, {}, &FoldRange::first);
  if (range == std::begin(fold_ranges)) return code_point;
  --range;
  if (code_point > range->last || (code_point - range->first) % range->step != 0) return code_point;
  return static_cast<std::uint32_t>(static_cast<std::int64_t>(code_point) + range->delta);
}

char fold_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

void fold_case(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size();) {
    const Decoded decoded =
        static_cast<unsigned char>(text[at]) < 0x80 ? Decoded{0, 0} : decode(text, at);
    if (decoded.length == 0) {
      out += fold_ascii(text[at++]);
      continue;
    }
    const std::uint32_t folded_point = fold_code_point(decoded.code_point);
    if (folded_point == decoded.code_point)
      out.append(text, at, decoded.length);
    else
      append_utf8(folded_point, out);
    at += decoded.length;
  }
}

std::string folded(std::string_view text) {
  std::string out;
  fold_case(text, out);
  return out;
}

}  // namespace callboard::conditions
