#pragma once

// The fields of a form that a page sent as a request's body: what `fetch(url, {body: form})` makes
// of a FormData (multipart/form-data), and what a plain form is (urlencoded, also where the request
// does not say what it is). Texts alone; a file is refused.
//
// A pure function; it throws where the body is malformed anywhere, so that no form is half read.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace callboard::quizzes {

inline constexpr std::size_t max_form_bytes = std::size_t{16} << 10;
inline constexpr std::size_t max_form_parts = 16;

// The first field of that name. Throws Error{invalid} where the body is no such form, or too much.
std::optional<std::string> form_value(const http::Request& request, std::string_view name);

}  // namespace callboard::quizzes
