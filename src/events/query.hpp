#pragma once

// What this folder's calls read from a request's query and path. Throw Error{invalid} that names
// the parameter. Pure; any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace callboard::events {

// A whole number within [1, high]; `otherwise` where it is absent.
std::int64_t number_in(const http::Request& request, std::string_view name, std::int64_t high,
                       std::int64_t otherwise);
// true or false.
bool flag_in(const http::Request& request, std::string_view name, bool otherwise);

inline constexpr std::int64_t max_page = 1'000'000;

// The part of a list of `total` that page `page` of `size` shows: [first, last).
struct Range {
  std::size_t first, last;
};
Range range_of(std::int64_t page, std::int64_t size, std::size_t total);

}  // namespace callboard::events
