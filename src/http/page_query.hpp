#pragma once

// Which page of a list a request asks for: `page`, counted from 1, and `limit`. Pure: any thread.

#include <cstdint>

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

// Throws Error{invalid} that names the parameter. Other parameters are the caller's.
PageQuery page_query(const Request& request, const PageLimits& limits);

}  // namespace callboard::http
