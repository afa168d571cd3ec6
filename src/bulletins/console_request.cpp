#include "bulletins/console_request.hpp"

#include <charconv>
#include <optional>

#include "base/error.hpp"

namespace callboard::bulletins {
namespace {

constexpr std::size_t id_parameter = 2;  // after the workspace and the application

std::optional<std::int64_t> positive(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = failure == std::errc{} && end == text.data() + text.size();
  return is_whole && value >= 1 ? std::optional(value) : std::nullopt;
}

}  // namespace

std::string app_of(const http::Request& request) {
  return request.parameter(1);
}

bool has_id_in_path(const http::Request& request) {
  return request.parameters[id_parameter].data() != nullptr;
}

std::int64_t id_in_path(const http::Request& request) {
  if (const auto id = positive(request.parameters[id_parameter])) return *id;
  throw Error(ErrorCode::not_found, "no such bulletin");
}

std::int64_t whole_number(std::string_view name, std::string_view text, std::int64_t high) {
  const auto value = positive(text);
  if (value && *value <= high) return *value;
  throw Error(ErrorCode::invalid,
              std::string(name) + " must be a whole number from 1 to " + std::to_string(high));
}

}  // namespace callboard::bulletins
