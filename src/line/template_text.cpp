#include "line/template_text.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "http/request.hpp"
#include "line/form.hpp"
#include "line/message_limits.hpp"

namespace callboard::line {
namespace {

constexpr std::string_view opening = "{{", closing = "}}", blanks = " \t\r\n";
constexpr std::size_t max_shown_name_bytes = 40;  // of a placeholder in a message
constexpr std::size_t max_bytes_of_a_unit = 3;    // UTF-8 for one UTF-16 unit

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// A stretch of a text, and the placeholder behind it.
struct Piece {
  std::string_view plain;
  std::optional<std::string_view> placeholder;
  bool is_open = false;  // there are opening braces that nothing closes
};

// Takes the next one off the front.
Piece take_piece(std::string_view& text) {
  const std::size_t open = text.find(opening);
  Piece piece{.plain = text.substr(0, open), .placeholder = {}};
  if (open == text.npos) {
    text = {};
    return piece;
  }
  text.remove_prefix(open + opening.size());
  const std::size_t close = text.find(closing);
  piece.is_open = close == text.npos;
  if (!piece.is_open) piece.placeholder = trimmed(text.substr(0, close));
  text.remove_prefix(piece.is_open ? text.size() : close + closing.size());
  return piece;
}

// How many bytes at the front are <br>, <br/> or <br />; 0: none.
std::size_t length_of_break(std::string_view text) {
  constexpr std::string_view tag = "<br";
  if (!http::equal_ignoring_case(text.substr(0, tag.size()), tag)) return 0;
  std::size_t at = tag.size();
  while (at < text.size() && text[at] == ' ') ++at;
  if (at < text.size() && text[at] == '/') ++at;
  return at < text.size() && text[at] == '>' ? at + 1 : 0;
}

std::string with_line_breaks(std::string_view text) {
  std::string broken;
  while (!text.empty()) {
    const std::size_t tag = text.front() == '<' ? length_of_break(text) : 0;
    broken += tag > 0 ? '\n' : text.front();
    text.remove_prefix(std::max<std::size_t>(tag, 1));
  }
  return broken;
}

std::string prepared_value(std::string value) {
  if (!is_valid_utf8(value)) {
    std::ranges::replace_if(
        value, [](char c) { return static_cast<unsigned char>(c) >= 0x80U; }, '?');
  }
  return cut_to_units(with_line_breaks(value), max_text_units);
}

}  // namespace

bool has_placeholder(std::string_view text) {
  return text.find(opening) != text.npos;
}

bool is_placeholder(std::string_view name) {
  return std::ranges::find(template_placeholders, name) != template_placeholders.end();
}

std::string placeholder_rule() {
  std::string rule = "there are";
  for (const std::string_view name : template_placeholders) {
    rule += name == template_placeholders.front() ? " {{" : ", {{";
    rule.append(name).append(closing);
  }
  return rule;
}

std::optional<std::string> fault_of_text(std::string_view text) {
  if (text.find('\0') != text.npos) return "must not contain the character NUL";
  while (!text.empty()) {
    const Piece piece = take_piece(text);
    if (piece.is_open) return "has {{ without }}";
    if (!piece.placeholder || is_placeholder(*piece.placeholder)) continue;
    return "has the unknown placeholder {{" +
           cut_to_units(*piece.placeholder, max_shown_name_bytes) + "}}; " + placeholder_rule();
  }
  return std::nullopt;
}

bool is_blank(std::string_view text) {
  return trimmed(text).empty();
}

TemplateValues prepared(const TemplateValues& values) {
  TemplateValues ready;
  for (const std::string_view name : template_placeholders) {
    ready.emplace(name, prepared_value(std::string(value_of(values, name))));
  }
  return ready;
}

std::string_view value_of(const TemplateValues& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string_view() : std::string_view(found->second);
}

std::string substituted(std::string_view text, const TemplateValues& values, std::size_t max_units,
                        Target target) {
  std::string written;
  while (!text.empty() && written.size() <= max_units * max_bytes_of_a_unit) {
    const Piece piece = take_piece(text);
    written += piece.plain;
    if (!piece.placeholder) continue;
    const std::string_view value = value_of(values, *piece.placeholder);
    if (target == Target::uri && !written.empty()) {
      written += percent_encoded(value);
    } else {
      written += value;
    }
  }
  return written;
}

}  // namespace callboard::line
