#include "line/form.hpp"

#include <algorithm>

namespace callboard::line {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";
constexpr std::string_view unreserved_marks = "-._~";

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         unreserved_marks.find(c) != unreserved_marks.npos;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += hex_digits[byte >> 4U];
    encoded += hex_digits[byte & 15U];
  }
  return encoded;
}

std::string form_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> parameters) {
  std::string form;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    if (!form.empty()) form += '&';
    form += percent_encoded(name);
    form += '=';
    form += percent_encoded(value);
  }
  return form;
}

}  // namespace callboard::line
