#pragma once

// The pieces of URLs and of application/x-www-form-urlencoded bodies. Pure, any thread.

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace callboard::line {

// Everything but RFC 3986's unreserved characters, escaped.
std::string percent_encoded(std::string_view text);

// "a=b&c=d%20e" of the pairs whose value is not empty.
std::string form_of(
    std::initializer_list<std::pair<std::string_view, std::string_view>> parameters);

}  // namespace callboard::line
