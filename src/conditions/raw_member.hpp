#pragma once

// The text of one member of a JSON object exactly as it was written, which a parsed value no longer
// knows ("1.0" and "1" are the same number).

#include <optional>
#include <string_view>

namespace callboard::conditions {

// `object` must be valid JSON, an object, with `name` written without escapes to be found.
std::optional<std::string_view> raw_member(std::string_view object, std::string_view name);

}  // namespace callboard::conditions
