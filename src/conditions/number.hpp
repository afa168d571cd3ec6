#pragma once

// Numbers as text, in both directions, without a locale. Pure functions.

#include <optional>
#include <string>
#include <string_view>

namespace callboard::conditions {

// A whole decimal or exponent number ("12", "-0.5", "1e3"), correctly rounded to a double. No NaN,
// no infinity (and nothing too large for a double), no hexadecimal, no white space.
std::optional<double> parse_number(std::string_view text);

// The shortest decimal text that reads back as `number`, in the form of ECMA-262,
// Number::toString: 12, 0.5, 1e+21. It is what most client SDKs would write.
std::string decimal_text(double number);

}  // namespace callboard::conditions
