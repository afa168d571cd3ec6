#pragma once

// JSON as it comes from outside: RFC 8259, and stricter. Invalid UTF-8, duplicate keys, deep
// nesting and trailing text are refused, because two readers could disagree about them.
//
// Pure functions, callable from any thread. Boost.JSON holds the values.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace callboard {

inline constexpr std::size_t max_json_depth = 32;

// Throws Error{invalid} that names the place: "duplicate key \"age\"", with its pointer, or
// "not JSON at byte 17: ...".
boost::json::value parse_json(std::string_view text, std::size_t max_depth = max_json_depth);

// Compact text that reads back as the same value; numbers as short as they can be ("1.5", not the
// "1.5E0" of Boost.JSON), so that what a person wrote looks the same when shown again.
std::string to_json_text(const boost::json::value& value);

// One RFC 6901 reference token, escaped: "a/b" is "a~1b".
std::string escape_pointer(std::string_view token);

// Appends `text` as a JSON string literal with its quotes. `text` is UTF-8.
void append_json_string(std::string& out, std::string_view text);

bool is_valid_utf8(std::string_view text);

}  // namespace callboard
