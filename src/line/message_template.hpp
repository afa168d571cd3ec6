#pragma once

// Templates of messages: what to send, as an operator writes it, with {{placeholders}} that get
// their values when it is sent. One is a JSON object, either
//   {"alt_text":TEXT,"contents":FLEX,"fallback_text":TEXT}    (fallback_text may be absent)
// where FLEX is a bubble or a carousel, or {"text":TEXT}. Placeholders stand in what people read
// (`text`, `label`, ...) and in what buttons lead to (`uri`, `data`, ...), nowhere else. A
// component may carry "when":"PLACEHOLDER", which LINE never sees: it is left out where that value
// is empty.
//
// Pure functions, any thread.

#include <array>
#include <boost/json/value.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace callboard::line {

inline constexpr std::size_t max_template_bytes = std::size_t{30} * 1024;  // as compact JSON
inline constexpr std::size_t max_template_depth = 24;  // of objects and arrays within each other
// Of a text within a Flex message, of which LINE itself names no bound.
inline constexpr std::size_t max_component_text_units = 2000;

inline constexpr std::array<std::string_view, 10> template_placeholders = {
    "name", "activity", "project", "description", "location",
    "host", "link",     "date",    "time",        "event_id"};

// By placeholder; one that is absent is empty. Any text will do.
using TemplateValues = std::map<std::string, std::string, std::less<>>;

struct MessageTemplate {
  std::string text;  // where there are no contents
  std::string alt_text;
  std::string fallback_text;    // empty: the alternative text
  boost::json::value contents;  // null: a text message
};

// Throws Error{invalid} with a pointer for each culprit: unknown members and placeholders, and
// whatever LINE would refuse with plain values, or for its size with long ones. `pointer`: where
// the template stands.
MessageTemplate parse_template(const boost::json::value& given, const std::string& pointer = "");
// The same of JSON text.
MessageTemplate parse_template_text(std::string_view given);

// The JSON text of an array of one message, in which check_messages() finds nothing wrong, whatever
// the values. Texts are cut to LINE's limits; <br> in a value breaks the line; a component whose
// text is empty, a button that leads nowhere LINE allows, an image without an https URL, and a box
// that loses all its contents are left out. Where nothing is left of the Flex message, or it is too
// large, it becomes a text message.
std::string render(const MessageTemplate& given, const TemplateValues& values);

}  // namespace callboard::line
