#pragma once

// Members of LINE's JSON replies, read leniently: what is absent or of another type is nothing,
// and members nobody asked for don't count. For the sources of this folder; pure.

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace callboard::line {

inline std::string text_member(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// Not negative.
inline std::optional<std::int64_t> count_member(const boost::json::object& object,
                                                std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) return std::nullopt;
  return value->get_int64();
}

inline std::optional<bool> flag_member(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

// A life longer than a year is cut to it, so that adding it to a time can't overflow.
inline std::optional<std::chrono::seconds> life_member(const boost::json::object& object,
                                                       std::string_view name) {
  constexpr std::chrono::hours longest{24 * 365};
  const auto seconds = count_member(object, name);
  if (!seconds) return std::nullopt;
  return *seconds > std::chrono::seconds(longest).count() ? std::chrono::seconds(longest)
                                                          : std::chrono::seconds{*seconds};
}

}  // namespace callboard::line
