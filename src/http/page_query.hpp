#pragma once

// Numbers in a request's query, and which page of a list it asks for: `page`, counted from 1, and
// `limit`. Pure: any thread. Each throws Error{invalid} that names the parameter.

#include <cstdint>
#include <string_view>

#include "http/request.hpp"

namespace callboard::http {

inline constexpr std::int64_t max_page = 1'000'000;

struct PageLimits {
  std::int64_t default_limit;
  std::int64_t max_limit;
};

struct PageQuery {
  std::int64_t page = 1;
  std::int64_t limit;

  std::int64_t offset() const { return (page - 1) * limit; }
};

// A whole number from 1 to `high`; absent or empty: `otherwise`.
std::int64_t number_in(const Request& request, std::string_view name, std::int64_t high,
                       std::int64_t otherwise);

// Other parameters are the caller's.
PageQuery page_query(const Request& request, const PageLimits& limits);

}  // namespace callboard::http
