#include "http/request.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::http {
namespace {

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

enum class Plus : bool { literal, space };

std::string percent_decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus == Plus::space) c = ' ';
    if (c == '%') {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) throw Error(ErrorCode::invalid, "malformed percent-encoding");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (is_control(c)) throw Error(ErrorCode::invalid, "control character in the URL");
    out += c;
  }
  if (!is_valid_utf8(out)) throw Error(ErrorCode::invalid, "the URL is not UTF-8");
  return out;
}

// Calls `use(name, value)`, both still encoded, for each pair until it returns false.
template <class Use>
void for_each_pair(std::string_view query, Use use) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == pair.npos ? std::string_view() : pair.substr(equals + 1);
    if (!use(pair.substr(0, equals), value)) return;
  }
}

// Most names need no decoding, and most pairs are not the one that is looked for.
bool names(std::string_view encoded, std::string_view name) {
  if (encoded.find_first_of("%+") == encoded.npos) return encoded == name;
  return percent_decode(encoded, Plus::space) == name;
}

}  // namespace

std::string_view name_of(Method method) {
  static constexpr std::array<std::string_view, method_count> names = {
      "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return names[static_cast<std::size_t>(method)];
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return left == right || std::ranges::equal(left, right, {}, to_lower, to_lower);
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    // Mostly decided by the length.
    if (header.name.size() != name.size()) continue;
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::string Request::parameter(std::size_t index) const {
  return percent_decode(parameters.at(index), Plus::literal);
}

std::optional<std::string> Request::query_value(std::string_view name) const {
  std::optional<std::string> found;
  for_each_pair(query, [&](std::string_view pair_name, std::string_view value) {
    if (!names(pair_name, name)) return true;
    found = percent_decode(value, Plus::space);
    return false;
  });
  return found;
}

std::vector<std::string> Request::query_values(std::string_view name) const {
  std::vector<std::string> found;
  for_each_pair(query, [&](std::string_view pair_name, std::string_view value) {
    if (names(pair_name, name)) found.push_back(percent_decode(value, Plus::space));
    return true;
  });
  return found;
}

std::vector<std::pair<std::string, std::string>> Request::query_pairs() const {
  std::vector<std::pair<std::string, std::string>> pairs;
  for_each_pair(query, [&](std::string_view name, std::string_view value) {
    pairs.emplace_back(percent_decode(name, Plus::space), percent_decode(value, Plus::space));
    return true;
  });
  return pairs;
}

}  // namespace callboard::http
