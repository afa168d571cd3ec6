#include "conditions/raw_member.hpp"

#include <algorithm>
#include <cstddef>

namespace callboard::conditions {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::size_t skip_space(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(white_space, at), text.size());
}

// From a quote to behind the closing one.
std::size_t skip_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// Behind the value that starts at `at`: to the comma or bracket that belongs to what is around it.
std::size_t skip_value(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = skip_string(text, at);
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) break;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
  }
  return at;
}

}  // namespace

std::optional<std::string_view> raw_member(std::string_view object, std::string_view name) {
  std::size_t at = skip_space(object, 0) + 1;
  while (true) {
    at = skip_space(object, at);
    if (at >= object.size() || object[at] != '"') return std::nullopt;
    const std::size_t key_end = skip_string(object, at);
    const std::string_view key = object.substr(at + 1, key_end - at - 2);
    const std::size_t start = skip_space(object, skip_space(object, key_end) + 1);
    at = skip_value(object, start);
    if (key == name) {
      const std::string_view value = object.substr(start, at - start);
      return value.substr(0, value.find_last_not_of(white_space) + 1);
    }
    at = std::min(at + 1, object.size());
  }
}

}  // namespace callboard::conditions
