#include "http/request_id.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/random.hpp"

namespace callboard::http {
namespace {

constexpr std::size_t prefix_entropy_bytes = 6;

bool is_id_char(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

}  // namespace

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= max_request_id_bytes &&
         std::ranges::all_of(text, is_id_char);
}

RequestIds::RequestIds() : prefix_(random_token(prefix_entropy_bytes) + '.') {}

void RequestIds::next(std::string& out) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), ++count_, 16).ptr;
  out.assign(prefix_).append(digits.data(), end);
}

}  // namespace callboard::http
