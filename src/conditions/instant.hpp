#pragma once

// A moment, to the nanosecond, within the years 0000-9999 that RFC 3339 can write. Pure values.

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace callboard::conditions {

struct Instant {
  std::int64_t unix_s;
  std::int32_t nanoseconds;  // 0 to 999,999,999, added to the seconds

  auto operator<=>(const Instant&) const = default;
};

// An RFC 3339 date-time with its offset. A leap second is the instant after it; digits beyond the
// nanosecond are dropped.
std::optional<Instant> parse_instant(std::string_view text);

// Unix seconds with a fraction, taken to the microsecond: a double of today's size holds no more,
// and so 1700000000.123 is the same instant as "...:20.123Z".
std::optional<Instant> instant_from_unix_seconds(double seconds);

}  // namespace callboard::conditions
