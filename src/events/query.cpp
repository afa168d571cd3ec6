#include "events/query.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace callboard::events {

bool flag_in(const http::Request& request, std::string_view name, bool otherwise) {
  const auto text = request.query_value(name);
  if (!text) return otherwise;
  if (*text == "true" || *text == "false") return *text == "true";
  throw Error(ErrorCode::invalid, std::string(name) + " must be true or false");
}

Range range_of(std::int64_t page, std::int64_t size, std::size_t total) {
  const auto first = std::min(static_cast<std::size_t>((page - 1) * size), total);
  return {first, std::min(first + static_cast<std::size_t>(size), total)};
}

}  // namespace callboard::events
