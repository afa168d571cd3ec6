#include "http/page_query.hpp"

#include <charconv>
#include <string>

#include "base/error.hpp"

namespace callboard::http {

std::int64_t number_in(const Request& request, std::string_view name, std::int64_t high,
                       std::int64_t otherwise) {
  if (request.query.empty()) return otherwise;
  const auto text = request.query_value(name);
  if (!text || text->empty()) return otherwise;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool is_whole = failure == std::errc{} && end == text->data() + text->size();
  if (is_whole && number >= 1 && number <= high) return number;
  throw Error(ErrorCode::invalid,
              std::string(name) + " must be a whole number from 1 to " + std::to_string(high));
}

PageQuery page_query(const Request& request, const PageLimits& limits) {
  return {number_in(request, "page", max_page, 1),
          number_in(request, "limit", limits.max_limit, limits.default_limit)};
}

}  // namespace callboard::http
