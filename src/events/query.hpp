#pragma once

// What this folder's calls read from a request's query and path. Throw Error{invalid} that names
// the parameter. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace callboard::events {

// true or false.
bool flag_in(const http::Request& request, std::string_view name, bool otherwise);

// The part of a list of `total` that page `page` of `size` shows: [first, last).
struct Range {
  std::size_t first, last;
};
Range range_of(std::int64_t page, std::int64_t size, std::size_t total);

}  // namespace callboard::events
