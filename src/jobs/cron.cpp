#include "jobs/cron.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace callboard::jobs {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view blanks = " \t\r\n";

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names = {"sun", "mon", "tue", "wed",
                                                           "thu", "fri", "sat"};

struct Field {
  std::string_view name;
  unsigned lowest, highest;
  std::span<const std::string_view> names;  // of the numbers from the lowest on
};
constexpr std::array<Field, 5> fields = {{{"minute", 0, 59, {}},
                                          {"hour", 0, 23, {}},
                                          {"day of month", 1, 31, {}},
                                          {"month", 1, 12, month_names},
                                          {"day of week", 0, 7, weekday_names}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> macros = {{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
}};

[[noreturn]] void refuse(const Field& field, std::string_view text) {
  throw Error(
      ErrorCode::invalid,
      fmt::format("the {} of a schedule can't be \"{}\": it is *, or numbers from {} to {}"
                  "{}, ranges such as {}-{}, or steps such as */2, with commas between them",
                  field.name, text, field.lowest, field.highest,
                  field.names.empty() ? "" : " or their English names' first three letters",
                  field.lowest, field.highest));
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return result;
}

// What stands before the separator, which goes too; all of it where there is none.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::optional<unsigned> digits(std::string_view text) {
  unsigned number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  const bool is_number = read.ec == std::errc() && read.ptr == end && text.size() <= 2;
  return is_number ? std::optional(number) : std::nullopt;
}

std::optional<unsigned> number_or_name(const Field& field, std::string_view text) {
  const auto named = std::ranges::find(field.names, text);
  if (named != field.names.end()) {
    return field.lowest + static_cast<unsigned>(named - field.names.begin());
  }
  const auto number = digits(text);
  const bool is_within = number && *number >= field.lowest && *number <= field.highest;
  return is_within ? number : std::nullopt;
}

struct Range {
  unsigned first, last;
};

std::optional<Range> range_of(const Field& field, std::string_view text) {
  if (text == "*") return Range{field.lowest, field.highest};
  const bool is_one = text.find('-') == std::string_view::npos;
  const auto first = number_or_name(field, take_until(text, '-'));
  if (is_one) return first ? std::optional(Range{*first, *first}) : std::nullopt;
  auto last = number_or_name(field, text);
  // As an end Sunday is the seventh day.
  if (text == weekday_names.front() && last) last = field.highest;
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

// The numbers of one item of a list, by their bits; nothing: it is none.
std::optional<std::uint64_t> item_of(const Field& field, std::string_view text) {
  const bool has_step = text.find('/') != std::string_view::npos;
  const std::string_view numbers = take_until(text, '/');
  const bool may_step = numbers == "*" || numbers.find('-') != std::string_view::npos;
  const auto range = range_of(field, numbers);
  const auto step = has_step ? digits(text) : std::optional(1U);
  if (!range || !step || (has_step && !may_step)) return std::nullopt;
  if (*step < 1 || *step > field.highest) return std::nullopt;
  std::uint64_t bits = 0;
  for (unsigned number = range->first; number <= range->last; number += *step) {
    bits |= std::uint64_t{1} << number;
  }
  return bits;
}

std::uint64_t numbers_of(const Field& field, std::string_view text) {
  std::uint64_t bits = 0;
  std::string_view rest = text;
  do {
    const bool is_last = rest.find(',') == std::string_view::npos;
    const auto item = item_of(field, take_until(rest, ','));
    if (!item || (!is_last && rest.empty())) refuse(field, text);
    bits |= *item;
  } while (!rest.empty());
  return bits;
}

// Their texts, or what is wrong with them as a whole.
std::array<std::string_view, fields.size()> split(std::string_view text) {
  std::array<std::string_view, fields.size()> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    parts[i] = text.substr(0, end);
    text.remove_prefix(end);
    if (parts[i].empty()) {
      throw Error(ErrorCode::invalid,
                  fmt::format("a schedule has five fields, and the {} is missing", fields[i].name));
    }
  }
  if (text.find_first_not_of(blanks) != std::string_view::npos) {
    throw Error(ErrorCode::invalid, "a schedule has five fields, and there is more after them");
  }
  return parts;
}

std::string_view without_macro(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos || text[begin] != '@') return text;
  text = text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
  const auto known = std::ranges::find(macros, text, &decltype(macros)::value_type::first);
  if (known != macros.end()) return known->second;
  throw Error(ErrorCode::invalid,
              "a schedule with @ is one of @hourly, @daily, @weekly, @monthly, @yearly");
}

const date::time_zone* rules_of(std::string_view name) {
  if (name == "UTC") return nullptr;  // also where no time zone data is installed
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error& error) {
    throw Error(ErrorCode::invalid, "there is no time zone " + std::string(name))
        .with_private(error.what());
  }
}

bool has(std::uint64_t bits, unsigned number) {
  return (bits >> number & 1) != 0;
}

std::chrono::local_seconds local(std::chrono::sys_seconds time, seconds offset) {
  return std::chrono::local_seconds(time.time_since_epoch() + offset);
}

std::chrono::sys_seconds instant(std::chrono::local_seconds time, seconds offset) {
  return std::chrono::sys_seconds(time.time_since_epoch() - offset);
}

}  // namespace

CronSchedule CronSchedule::parse(std::string_view text, std::string_view time_zone) {
  if (text.size() > max_cron_bytes) {
    throw Error(ErrorCode::invalid, fmt::format("a schedule has at most {} bytes", max_cron_bytes));
  }
  const std::string lowered = lower(text);
  const auto parts = split(without_macro(lowered));
  CronSchedule schedule;
  std::uint64_t* const sets[] = {&schedule.minutes_, &schedule.hours_, &schedule.days_,
                                 &schedule.months_, &schedule.weekdays_};
  for (std::size_t i = 0; i < parts.size(); ++i) *sets[i] = numbers_of(fields[i], parts[i]);
  if (has(schedule.weekdays_, 7)) schedule.weekdays_ |= 1;
  const auto is_restricted = [&](std::size_t i) { return !parts[i].starts_with('*'); };
  schedule.is_fixed_ = is_restricted(1);
  schedule.is_any_day_enough_ = is_restricted(2) && is_restricted(4);
  schedule.rules_ = rules_of(time_zone);
  return schedule;
}

// A time within which the clocks are not changed.
struct CronSchedule::Span {
  SysSeconds begin, end;
  seconds offset;
  seconds offset_before;  // the same where `begin` is long ago
};

std::optional<Timestamp> CronSchedule::next_after(Timestamp time) const {
  SysSeconds from = std::chrono::floor<minutes>(time) + minutes{1};
  const SysSeconds horizon = from + cron_horizon;
  while (from < horizon) {
    const Span span = span_at(from);
    const SysSeconds until = std::min(span.end, horizon);
    if (const auto found = find_in(span, from, until)) return found;
    from = until;
  }
  return std::nullopt;
}

CronSchedule::Span CronSchedule::span_at(SysSeconds time) const {
  if (rules_ == nullptr) return {SysSeconds::min(), SysSeconds::max(), {}, {}};
  const auto now = rules_->get_info(time);
  // No change of the clocks is felt for longer.
  const bool is_felt = time - now.begin <= days{1};
  const seconds before =
      is_felt ? rules_->get_info(now.begin - seconds{1}).offset : seconds{now.offset};
  return {now.begin, now.end, now.offset, before};
}

std::optional<CronSchedule::SysSeconds> CronSchedule::find_in(const Span& span, SysSeconds from,
                                                              SysSeconds until) const {
  LocalSeconds first = local(from, span.offset);
  // What came before the clocks were set back.
  if (is_fixed_) first = std::max(first, local(span.begin, span.offset_before));
  std::optional<SysSeconds> found;
  if (const auto shown = find_local(first, local(until, span.offset))) {
    found = instant(*shown, span.offset);
  }
  if (!is_fixed_ || span.offset <= span.offset_before) return found;
  // What was left out when the clocks were set forward, by the clock as it was.
  const LocalSeconds left_out_until = local(span.begin, span.offset);
  const auto left_out = find_local(local(from, span.offset_before),
                                   std::min(local(until, span.offset_before), left_out_until));
  if (!left_out) return found;
  const SysSeconds shifted = instant(*left_out, span.offset_before);
  return found ? std::min(*found, shifted) : shifted;
}

std::optional<CronSchedule::LocalSeconds> CronSchedule::find_local(LocalSeconds from,
                                                                   LocalSeconds until) const {
  const auto start = std::chrono::ceil<minutes>(from);
  for (auto day = std::chrono::floor<days>(start); day < until; day += days{1}) {
    if (!has_day(day)) continue;
    const auto time = find_time_of_day(std::max(start - day, minutes{0}));
    if (!time) continue;
    return day + *time < until ? std::optional<LocalSeconds>(day + *time) : std::nullopt;
  }
  return std::nullopt;
}

bool CronSchedule::has_day(std::chrono::local_days day) const {
  const std::chrono::year_month_day date(day);
  if (!has(months_, static_cast<unsigned>(date.month()))) return false;
  const bool is_in_month = has(days_, static_cast<unsigned>(date.day()));
  const bool is_in_week = has(weekdays_, std::chrono::weekday(day).c_encoding());
  return is_any_day_enough_ ? is_in_month || is_in_week : is_in_month && is_in_week;
}

std::optional<minutes> CronSchedule::find_time_of_day(minutes earliest) const {
  constexpr unsigned minutes_of_hour = 60;
  const auto start = static_cast<unsigned>(earliest.count());
  const unsigned minute = start % minutes_of_hour;
  for (unsigned hour = start / minutes_of_hour; hour <= fields[1].highest; ++hour) {
    if (!has(hours_, hour)) continue;
    const bool is_begun = hour == start / minutes_of_hour;
    const std::uint64_t left = is_begun ? minutes_ >> minute << minute : minutes_;
    if (left != 0) {
      return minutes{hour * minutes_of_hour + static_cast<unsigned>(std::countr_zero(left))};
    }
  }
  return std::nullopt;
}

}  // namespace callboard::jobs
