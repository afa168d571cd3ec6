#pragma once

// The texts of a template: placeholders, and the values that take their place. For the templates'
// own sources; pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "line/message_template.hpp"

namespace callboard::line {

bool has_placeholder(std::string_view text);
bool is_placeholder(std::string_view name);
std::string placeholder_rule();  // "there are {{name}}, ..."
// What is wrong with the text as a part of a template; nothing: it will do.
std::optional<std::string> fault_of_text(std::string_view text);

// Nothing but blanks and line breaks.
bool is_blank(std::string_view text);

// The values as they are put in: each is valid UTF-8, <br> is a line break, and none is longer than
// the longest text that LINE takes.
TemplateValues prepared(const TemplateValues& values);
// "" where there is none.
std::string_view value_of(const TemplateValues& values, std::string_view name);

enum class Target : std::uint8_t {
  text,
  uri,  // a value within, not at the beginning, is percent-encoded
};
// With prepared values in it. What is longer than `max_units` is not written to its end, but is
// longer than that still. Faultless text only.
std::string substituted(std::string_view text, const TemplateValues& values, std::size_t max_units,
                        Target target = Target::text);

}  // namespace callboard::line
