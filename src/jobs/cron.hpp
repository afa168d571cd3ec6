#pragma once

// When something runs again and again, as cron(5) writes it, in a time zone. Pure values; any
// thread. The first time zone but UTC reads the list of the machine's.
//
// Five fields with blanks between them: minute (0-59), hour (0-23), day of month (1-31), month
// (1-12, JAN-DEC), day of week (0-7, SUN-SAT; 0 and 7 are Sunday). Each is a list, with commas, of
// `*`, numbers, ranges (`1-5`), and every so many of them (`*/15`, `9-17/2`). Or one of `@hourly`,
// `@daily`, `@weekly`, `@monthly`, `@yearly`. Case does not matter.
//
// As Vixie cron has it, a field is restricted unless it begins with `*`, and
// - where both day of month and day of week are restricted, a day of either will do;
// - where the hour is restricted, times are fixed: each runs once, whatever the clocks do. A local
//   time that a change of the clocks leaves out runs later by what was left out (Vixie's runs at
//   once); one that comes twice runs the first time only;
// - where it is not, as in `*/10 * * * *`, times are what the clock shows: what is left out is not
//   made up for, and what comes twice runs twice, so that runs stay as far apart as they are.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace date {
// NOLINTNEXTLINE(readability-identifier-naming): the library's own.
class time_zone;
}  // namespace date

namespace callboard::jobs {

inline constexpr std::size_t max_cron_bytes = 512;
// Nothing within that is never: a 30 February. All that comes at all comes sooner, but for what is
// about 29 February of 2096 to 2104.
inline constexpr std::chrono::days cron_horizon{5 * 366};

class CronSchedule {
 public:
  // `time_zone`: an IANA name. Throws Error{invalid}, which names the field that is wrong, or the
  // time zone where this machine knows none such.
  static CronSchedule parse(std::string_view text, std::string_view time_zone);

  // The first time after that one; nothing: none within the horizon.
  std::optional<Timestamp> next_after(Timestamp time) const;

 private:
  struct Span;
  using SysSeconds = std::chrono::sys_seconds;
  using LocalSeconds = std::chrono::local_seconds;

  Span span_at(SysSeconds time) const;
  std::optional<SysSeconds> find_in(const Span& span, SysSeconds from, SysSeconds until) const;
  // The first within [from, until), by the fields alone.
  std::optional<LocalSeconds> find_local(LocalSeconds from, LocalSeconds until) const;
  bool has_day(std::chrono::local_days day) const;
  std::optional<std::chrono::minutes> find_time_of_day(std::chrono::minutes earliest) const;

  // Each a set of numbers, by their bits.
  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  bool is_any_day_enough_ = false;  // of month or of week
  bool is_fixed_ = false;
  const date::time_zone* rules_ = nullptr;  // null: UTC
};

}  // namespace callboard::jobs
