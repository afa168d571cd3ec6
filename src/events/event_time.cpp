#include "events/event_time.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

#include "base/error.hpp"
#include "conditions/instant.hpp"

namespace callboard::events {
namespace {

using std::chrono::seconds;

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Takes a number of `least` to `most` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits < least || digits > most) return std::nullopt;
  int number = 0;
  std::from_chars(text.data(), text.data() + digits, number);
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(1);
  return true;
}

// Takes "M/D" off the front.
std::optional<std::chrono::local_days> take_month_and_day(std::string_view& text, int year) {
  const auto month = take_number(text, 1, 2);
  if (!month || !take(text, '/')) return std::nullopt;
  const auto day = take_number(text, 1, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::local_days(date);
}

bool is_year(int year) {
  return year >= first_year && year <= last_year;
}

int year_of(std::chrono::sys_time<std::chrono::milliseconds> time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  return static_cast<int>(std::chrono::year_month_day(day).year());
}

}  // namespace

Zone::Zone(std::string_view name) {
  if (name == "UTC") return;  // also where no time zone data is installed
  try {
    rules_ = date::locate_zone(name);
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::invalid, "there is no time zone " + std::string(name))
        .with_private(error.what());
  }
}

std::optional<Timestamp> Zone::instant_of(std::chrono::local_seconds local) const {
  seconds offset{0};
  if (rules_ != nullptr) {
    // Both where a time is left out and where it comes twice, `first` is what held before.
    offset = rules_->get_info(date::local_seconds(local.time_since_epoch())).first.offset;
  }
  const Timestamp time{local.time_since_epoch() - offset};
  return holds(time) ? std::optional(time) : std::nullopt;
}

// In whole minutes, as RFC 3339 has them.
std::chrono::minutes Zone::offset_at(Timestamp time) const {
  if (rules_ == nullptr) return std::chrono::minutes{0};
  const auto whole = std::chrono::floor<seconds>(time).time_since_epoch();
  const auto info = rules_->get_info(date::sys_seconds(whole));
  return std::chrono::duration_cast<std::chrono::minutes>(info.offset);
}

bool Zone::holds(Timestamp time) const {
  // A day more on both sides: as far as any offset reaches.
  constexpr std::int64_t day_ms = 86'400'000, last_ms = 253'402'300'799'999;
  if (unix_ms(time) < -day_ms || unix_ms(time) > last_ms + day_ms) return false;
  return is_year(year_of(time)) && is_year(year_of(time + offset_at(time)));
}

std::chrono::local_time<std::chrono::milliseconds> Zone::local(Timestamp time) const {
  return std::chrono::local_time<std::chrono::milliseconds>(time.time_since_epoch() +
                                                            offset_at(time));
}

std::string Zone::rfc3339(Timestamp time) const {
  const std::chrono::minutes offset = offset_at(time);
  const auto shown = local(time);
  const auto day = std::chrono::floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(shown - day);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto ms = clock.subseconds().count(); ms != 0) {
    text += fmt::format(".{:03}", ms);
    text.erase(text.find_last_not_of('0') + 1);
  }
  if (offset.count() == 0) return text + 'Z';
  const std::int64_t minutes = std::abs(offset.count());
  return text +
         fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::optional<std::chrono::local_days> parse_date(std::string_view text, std::optional<int> year) {
  text = trimmed(text);
  std::string_view rest = text;
  const auto given = take_number(rest, 4, 4);
  if (given && take(rest, '/')) {
    year = given;
    text = rest;
  }
  if (!year || !is_year(*year)) return std::nullopt;
  const auto day = take_month_and_day(text, *year);
  return text.empty() ? day : std::nullopt;
}

std::optional<seconds> parse_time_of_day(std::string_view text) {
  text = trimmed(text);
  const auto hour = take_number(text, 1, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2, 2);
  if (!minute || *minute > 59) return std::nullopt;
  std::optional<int> second = 0;
  if (take(text, ':')) second = take_number(text, 2, 2);
  if (!second || *second > 59 || !text.empty()) return std::nullopt;
  return seconds{*hour * 3600 + *minute * 60 + *second};
}

std::optional<Timestamp> parse_event_time(std::string_view text, const Zone& zone) {
  text = trimmed(text);
  const std::size_t end_of_date = text.find_first_of(blanks);
  const auto day = parse_date(text.substr(0, end_of_date));
  if (day) {
    if (end_of_date == std::string_view::npos) return std::nullopt;
    const auto time = parse_time_of_day(text.substr(end_of_date));
    return time ? zone.instant_of(*day + *time) : std::nullopt;
  }
  const auto instant = conditions::parse_instant(text);
  if (!instant) return std::nullopt;
  const Timestamp time =
      timestamp_from_ms(instant->unix_s * 1000 + instant->nanoseconds / 1'000'000);
  return zone.holds(time) ? std::optional(time) : std::nullopt;
}

}  // namespace callboard::events
