#include "reminders/event_values.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "line/message_limits.hpp"

namespace callboard::reminders {
namespace {

namespace json = boost::json;
using LocalTime = std::chrono::local_time<std::chrono::milliseconds>;

constexpr std::string_view nameless = "Event";
constexpr std::string_view blanks = " \t\r\n";
constexpr std::array<std::string_view, 7> members = {
    "name", "activity", "project", "description", "location", "host", "link"};

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(trimmed(*text));
  return value.is_number() ? to_json_text(value) : std::string();
}

std::string name_from(std::string_view text) {
  text = trimmed(text);
  return line::cut_to_units(trimmed(text.substr(0, text.find_first_of("\r\n"))), max_name_units);
}

void read_members(const json::value& detail, line::TemplateValues& values) {
  const json::object* object = detail.if_object();
  if (object == nullptr) {
    values["name"] = name_from(text_of(detail));
    return;
  }
  for (const std::string_view name : members) {
    const json::value* value = object->if_contains(name);
    if (value != nullptr) values[std::string(name)] = text_of(*value);
  }
}

void read_detail(std::string_view detail, line::TemplateValues& values) {
  try {
    read_members(parse_json(detail), values);
  } catch (const Error&) {
    // What was meant to be JSON is nothing to show to people.
    const std::string_view text = trimmed(detail);
    if (!text.starts_with('{') && !text.starts_with('[')) values["name"] = name_from(text);
  }
}

std::string date_of(LocalTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{}/{}/{}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

std::string clock_of(LocalTime time) {
  const std::chrono::hh_mm_ss clock(time - std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{}:{:02}", clock.hours().count(), clock.minutes().count());
}

std::string span_of(LocalTime start, LocalTime end) {
  if (start == end) return clock_of(start);
  const bool same_day =
      std::chrono::floor<std::chrono::days>(start) == std::chrono::floor<std::chrono::days>(end);
  return clock_of(start) + " - " + (same_day ? "" : date_of(end) + " ") + clock_of(end);
}

}  // namespace

line::TemplateValues values_of(const events::Event& event, const events::Zone& zone) {
  line::TemplateValues values;
  if (event.content.detail) read_detail(*event.content.detail, values);
  if (values["name"].empty()) values["name"] = values["activity"];
  if (values["name"].empty()) values["name"] = nameless;
  const LocalTime start = zone.local(event.content.start);
  values["date"] = date_of(start);
  values["time"] = span_of(start, zone.local(event.content.end));
  values["event_id"] = event.id;
  return values;
}

}  // namespace callboard::reminders
