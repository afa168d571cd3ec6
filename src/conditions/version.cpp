#include "conditions/version.hpp"

#include <algorithm>

namespace callboard::conditions {
namespace {

// The largest number of digits that always fits in 64 bits.
constexpr std::size_t max_plain_digits = 19;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool is_numeric(std::string_view identifier) {
  return std::ranges::all_of(identifier, is_digit);
}

bool has_leading_zero(std::string_view digits) {
  return digits.size() > 1 && digits[0] == '0';
}

// Cuts the first of the dot-separated identifiers off; `rest` becomes null after the last one.
std::string_view next_identifier(std::string_view& rest) {
  const std::size_t dot = rest.find('.');
  const std::string_view first = rest.substr(0, dot);
  rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  return first;
}

bool are_identifiers(std::string_view text, bool zeros_may_lead) {
  std::size_t length = 0;
  for (std::size_t start = 0; start <= text.size(); start += length + 1) {
    length = std::min(text.find('.', start), text.size()) - start;
    const std::string_view identifier = text.substr(start, length);
    if (identifier.empty() || !std::ranges::all_of(identifier, is_identifier_char)) return false;
    if (!zeros_may_lead && has_leading_zero(identifier) && is_numeric(identifier)) return false;
  }
  return true;
}

inline bool read_part(const char*& at, const char* end, std::uint64_t& part) {
  const char* const start = at;
  std::uint64_t number = 0;
  for (; at != end; ++at) {
    const unsigned digit = static_cast<unsigned char>(*at) - unsigned{'0'};
    if (digit > 9) break;
    number = number * 10 + digit;
  }
  const auto count = static_cast<std::size_t>(at - start);
  if (count == 0 || (count > 1 && *start == '0')) return false;
  part = count > max_plain_digits ? Version::oversized : number;
  return true;
}

// From `at` on, which it moves to behind them.
inline bool read_parts(const char*& at, const char* end, Version& version) {
  version.parts = {};
  if (!read_part(at, end, version.parts[0])) return false;
  for (std::size_t index = 1; index < version.parts.size(); ++index) {
    if (at == end || *at != '.') return true;
    if (!read_part(++at, end, version.parts[index])) return false;
  }
  return true;
}

// `text` starts with the '-' or '+' that follows the numbers.
bool read_suffix(std::string_view text, Version& version) {
  const std::size_t plus = text.find('+');
  if (plus != std::string_view::npos && !are_identifiers(text.substr(plus + 1), true)) return false;
  text = text.substr(0, plus);
  if (text.empty()) return true;
  if (text.front() != '-' || !are_identifiers(text.substr(1), false)) return false;
  version.prerelease = text.substr(1);
  return true;
}

std::weak_ordering compare_digits(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

std::weak_ordering compare_identifiers(std::string_view left, std::string_view right) {
  const bool left_numeric = is_numeric(left);
  if (left_numeric != is_numeric(right))
    return left_numeric ? std::weak_ordering::less : std::weak_ordering::greater;
  return left_numeric ? compare_digits(left, right) : std::weak_ordering(left <=> right);
}

std::weak_ordering compare_prereleases(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) return left.empty() <=> right.empty();
  while (left.data() != nullptr && right.data() != nullptr) {
    const auto order = compare_identifiers(next_identifier(left), next_identifier(right));
    if (order != 0) return order;
  }
  return (left.data() != nullptr) <=> (right.data() != nullptr);
}

// The digits of one of the parts.
std::string_view digits_of(const Version& version, std::size_t index) {
  std::string_view rest = version.text.substr(is_digit(version.text.front()) ? 0 : 1);
  for (; index > 0; --index) next_identifier(rest);
  return rest.substr(0, rest.find_first_not_of("0123456789"));
}

}  // namespace

bool parse_version(std::string_view text, Version& version) {
  version.text = text;
  version.prerelease = {};
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && (*at == 'v' || *at == 'V')) ++at;
  if (!read_parts(at, end, version)) return false;
  return at == end || read_suffix({at, end}, version);
}

std::weak_ordering operator<=>(const Version& left, const Version& right) {
  for (std::size_t i = 0; i < left.parts.size(); ++i) {
    if (left.parts[i] != right.parts[i]) return left.parts[i] <=> right.parts[i];
    if (left.parts[i] != Version::oversized) continue;
    const auto order = compare_digits(digits_of(left, i), digits_of(right, i));
    if (order != 0) return order;
  }
  if (left.prerelease.data() == right.prerelease.data()) return std::weak_ordering::equivalent;
  return compare_prereleases(left.prerelease, right.prerelease);
}

bool operator==(const Version& left, const Version& right) {
  return (left <=> right) == 0;
}

}  // namespace callboard::conditions
