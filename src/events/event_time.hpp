#pragma once

// Moments of events as people write them, in an application's time zone. A local time that a change
// of the clocks leaves out is moved forward by what was left out; of one that comes twice the
// earlier is meant. Rules beyond 2037 are those of the machine's compiled time zone data.
//
// Pure values; any thread. The first Zone reads the list of the machine's time zones.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace date {
// NOLINTNEXTLINE(readability-identifier-naming): the library's own.
class time_zone;
}  // namespace date

namespace callboard::events {

inline constexpr int first_year = 1970, last_year = 9999;  // in UTC and in local time
inline constexpr std::string_view event_time_rule =
    "must be a time such as 2024/3/2 9:00 or 2024-03-02T09:00:00+08:00, of the years 1970 to 9999";

class Zone {
 public:
  // An IANA name. Throws Error{invalid} where this machine knows none such.
  explicit Zone(std::string_view name);

  // Nothing: outside of the years.
  std::optional<Timestamp> instant_of(std::chrono::local_seconds local) const;
  // What clocks show there, in an offset of whole minutes.
  std::chrono::local_time<std::chrono::milliseconds> local(Timestamp time) const;
  // With the zone's offset, "Z" where that is zero: "2024-03-02T09:00:00+08:00". Milliseconds are
  // written where there are any, without final zeros. `time` is within the years.
  std::string rfc3339(Timestamp time) const;
  // Whether its year is one of those, there and in UTC.
  bool holds(Timestamp time) const;

 private:
  std::chrono::minutes offset_at(Timestamp time) const;

  const date::time_zone* rules_ = nullptr;  // null: UTC
};

// "2024/3/2" or, where `year` is given, "3/2" as well. Blanks around it are ignored.
std::optional<std::chrono::local_days> parse_date(std::string_view text,
                                                  std::optional<int> year = std::nullopt);
// "9:00", "09:00" or "09:00:30", to 23:59:59. Blanks around it are ignored.
std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text);

// A date and a time of day with blanks between them, in that zone, or RFC 3339.
std::optional<Timestamp> parse_event_time(std::string_view text, const Zone& zone);

}  // namespace callboard::events
