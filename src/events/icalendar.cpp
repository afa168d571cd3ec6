#include "events/icalendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

constexpr std::size_t max_line_bytes = 75;  // RFC 5545, 3.1; without the CRLF

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// Folded, between characters.
void append_line(std::string& out, std::string_view line) {
  std::size_t room = max_line_bytes;
  while (line.size() > room) {
    std::size_t cut = room;
    while (is_continuation(line[cut])) --cut;
    out.append(line.substr(0, cut)).append("\r\n ");
    line.remove_prefix(cut);
    room = max_line_bytes - 1;  // the blank counts
  }
  out.append(line).append("\r\n");
}

// A value of type TEXT. Control characters other than line ends have no place in it.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == ';' || c == ',') out += '\\';
    if (c == '\n')
      out += "\\n";
    else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f)
      out += c;
  }
  return out;
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) append_line(out, fmt::format("{}:{}", name, escaped(text)));
}

std::string utc(Timestamp time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(second - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

// "<br>", in its spellings, is a line end.
std::string with_line_ends(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view tags[] = {"<br>", "<br/>", "<br />", "<BR>"};
    const auto* tag =
        std::ranges::find_if(tags, [&](std::string_view each) { return text.starts_with(each); });
    if (tag == std::end(tags)) {
      out += text.front();
      text.remove_prefix(1);
    } else {
      out += '\n';
      text.remove_prefix(tag->size());
    }
  }
  return out;
}

struct Shown {
  std::string summary = {}, location = {}, description = {}, url = {};
};

std::string member(const json::object& detail, std::string_view name) {
  const json::value* value = detail.if_contains(name);
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string(*text) : std::string();
}

// A URI as RFC 3986 spells it has neither blanks nor control characters.
bool is_url(std::string_view text) {
  return (text.starts_with("https://") || text.starts_with("http://")) &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c != 0x7f; });
}

Shown shown(const json::object& detail) {
  Shown result{.summary = member(detail, "name"),
               .location = member(detail, "location"),
               .description = member(detail, "activity"),
               .url = member(detail, "link")};
  const auto add = [&](std::string_view between, const std::string& more) {
    if (!result.description.empty() && !more.empty()) result.description += between;
    result.description += more;
  };
  add(" - ", member(detail, "project"));
  add("\n", with_line_ends(member(detail, "description")));
  if (!is_url(result.url)) result.url.clear();
  return result;
}

Shown shown(const Event& event) {
  Shown result{.summary = event.content.detail.value_or("")};
  try {
    const json::value detail = parse_json(result.summary);
    if (const auto* object = detail.if_object()) result = shown(*object);
  } catch (const Error&) {  // it is a text
  }
  if (result.summary.empty()) result.summary = event.id;
  return result;
}

}  // namespace

Calendar::Calendar(std::string_view app_id, std::string_view name) : app_id_(app_id) {
  for (const char* line : {"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Callboard//Events//EN",
                           "CALSCALE:GREGORIAN"}) {
    append_line(text_, line);
  }
  append_text(text_, "X-WR-CALNAME", name);
}

void Calendar::add(const Event& event) {
  const Shown details = shown(event);
  append_line(text_, "BEGIN:VEVENT");
  append_text(text_, "UID", event.id + "@" + app_id_ + ".callboard");
  append_line(text_, "DTSTAMP:" + utc(event.updated_at));
  append_line(text_, "LAST-MODIFIED:" + utc(event.updated_at));
  append_line(text_, fmt::format("SEQUENCE:{}", event.version - 1));
  const std::string start = utc(event.content.start), end = utc(event.content.end);
  append_line(text_, "DTSTART:" + start);
  // One that ends when it starts has no end there, which means the same.
  if (end != start) append_line(text_, "DTEND:" + end);
  append_text(text_, "SUMMARY", details.summary);
  append_text(text_, "LOCATION", details.location);
  append_text(text_, "DESCRIPTION", details.description);
  if (!details.url.empty()) append_line(text_, "URL:" + details.url);
  append_line(text_, "END:VEVENT");
}

std::string Calendar::text() && {
  append_line(text_, "END:VCALENDAR");
  return std::move(text_);
}

}  // namespace callboard::events
