#include "conditions/instant.hpp"

#include <chrono>
#include <cmath>

namespace callboard::conditions {
namespace {

constexpr std::int64_t first_unix_s = -62167219200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t last_unix_s = 253402300799;   // 9999-12-31T23:59:59Z
constexpr std::int64_t seconds_per_day = 86400;

// Reads an RFC 3339 text from left to right; the first thing that does not fit makes it fail.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<Instant> read() {
    const auto day = days_since_epoch();
    expect_one_of("Tt");
    const auto time = time_of_day();
    const auto nanoseconds = fraction();
    const auto offset = offset_seconds();
    const std::int64_t unix_s = day * seconds_per_day + time - offset;
    if (!good_ || !rest_.empty() || (leap_second_ && unix_s % seconds_per_day != 0))
      return std::nullopt;
    return Instant{unix_s, nanoseconds};
  }

 private:
  bool starts_with_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }

  std::int32_t digit() {
    if (!starts_with_digit()) {
      good_ = false;
      return 0;
    }
    const std::int32_t value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::int32_t number(int digits, std::int32_t max) {
    std::int32_t value = 0;
    for (int i = 0; i < digits; ++i) value = value * 10 + digit();
    if (value > max) good_ = false;
    return value;
  }

  char expect_one_of(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) {
      good_ = false;
      return 0;
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  std::int64_t days_since_epoch() {
    const std::chrono::year year(number(4, 9999));
    expect_one_of("-");
    const std::chrono::month month(static_cast<unsigned>(number(2, 12)));
    expect_one_of("-");
    const std::chrono::day day(static_cast<unsigned>(number(2, 31)));
    const std::chrono::year_month_day date(year, month, day);
    if (!date.ok()) good_ = false;
    return good_ ? std::chrono::sys_days(date).time_since_epoch().count() : 0;
  }

  std::int64_t time_of_day() {
    const std::int64_t hours = number(2, 23);
    expect_one_of(":");
    const std::int64_t minutes = number(2, 59);
    expect_one_of(":");
    const std::int64_t seconds = number(2, 60);
    leap_second_ = seconds == 60;
    return (hours * 60 + minutes) * 60 + seconds;
  }

  std::int32_t fraction() {
    if (rest_.empty() || rest_.front() != '.') return 0;
    rest_.remove_prefix(1);
    std::int32_t nanoseconds = digit() * 100'000'000;
    for (std::int32_t place = 10'000'000; starts_with_digit(); place /= 10)
      nanoseconds += digit() * place;
    return nanoseconds;
  }

  std::int64_t offset_seconds() {
    const char sign = expect_one_of("Zz+-");
    if (sign != '+' && sign != '-') return 0;
    const std::int64_t hours = number(2, 23);
    expect_one_of(":");
    const std::int64_t seconds = (hours * 60 + number(2, 59)) * 60;
    return sign == '-' ? -seconds : seconds;
  }

  std::string_view rest_;
  bool good_ = true;
  bool leap_second_ = false;
};

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
  return Reader(text).read();
}

std::optional<Instant> instant_from_unix_seconds(double seconds) {
  constexpr double microseconds_per_second = 1e6;
  // The negated form refuses NaN too.
  if (!(seconds >= static_cast<double>(first_unix_s) &&
        seconds < static_cast<double>(last_unix_s) + 1))
    return std::nullopt;
  const double whole = std::floor(seconds);
  const auto microseconds =
      static_cast<std::int32_t>(std::lround((seconds - whole) * microseconds_per_second));
  Instant instant{static_cast<std::int64_t>(whole), microseconds * 1000};
  if (microseconds == 1'000'000) instant = {instant.unix_s + 1, 0};
  return instant;
}

}  // namespace callboard::conditions
