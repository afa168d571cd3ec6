#include "conditions/number.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace callboard::conditions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes one or more digits from the front.
bool skip_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count > 0;
}

bool skip_one_of(std::string_view& text, std::string_view choices) {
  if (text.empty() || choices.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool has_number_syntax(std::string_view text) {
  skip_one_of(text, "-");
  if (!skip_digits(text)) return false;
  if (skip_one_of(text, ".") && !skip_digits(text)) return false;
  if (skip_one_of(text, "eE")) {
    skip_one_of(text, "+-");
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

// A double's range ends where from_chars reports an error for tiny numbers and huge ones alike;
// the wider type tells them apart.
std::optional<double> parse_extreme(std::string_view text) {
  long double wide = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), wide).ec != std::errc())
    return std::nullopt;
  const auto number = static_cast<double>(wide);
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  if (!has_number_syntax(text)) return std::nullopt;
  double number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec == std::errc::result_out_of_range) return parse_extreme(text);
  return number;
}

std::string decimal_text(double number) {
  constexpr double smallest_plain = 1e-6;
  constexpr double smallest_too_long = 1e21;
  if (number == 0) return "0";
  const double size = std::abs(number);
  const bool plain = size >= smallest_plain && size < smallest_too_long;
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, end.ptr);
  // ECMA-262 writes 1e-7 where std::to_chars writes 1e-07.
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text[exponent + 2] == '0') text.erase(exponent + 2, 1);
  return text;
}

}  // namespace callboard::conditions
