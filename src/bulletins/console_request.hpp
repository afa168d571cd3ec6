#pragma once

// What all the console's calls on a board read from a request. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace callboard::bulletins {

std::string app_of(const http::Request& request);
// The path's {bulletin_id}. Throws Error{not_found} for what can't be one.
std::int64_t id_in_path(const http::Request& request);
bool has_id_in_path(const http::Request& request);

// A query parameter from 1 to `high`. Throws Error{invalid} that names it.
std::int64_t whole_number(std::string_view name, std::string_view text, std::int64_t high);

}  // namespace callboard::bulletins
