#include "events/query.hpp"

#include <algorithm>
#include <charconv>

#include "base/error.hpp"

namespace callboard::events {

std::int64_t number_in(const http::Request& request, std::string_view name, std::int64_t high,
                       std::int64_t otherwise) {
  if (request.query.empty()) return otherwise;
  const auto text = request.query_value(name);
  if (!text) return otherwise;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool is_whole = failure == std::errc{} && end == text->data() + text->size();
  if (is_whole && value >= 1 && value <= high) return value;
  throw Error(ErrorCode::invalid,
              std::string(name) + " must be a whole number from 1 to " + std::to_string(high));
}

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
