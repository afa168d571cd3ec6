// An import of events, and its times: whatever they hold, rows are read or refused one by one, and
// what was read, shown again, reads as the same; and so do its times, in zones with all manners of
// clocks. What an event becomes in a calendar never breaks its line.

#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/icalendar.hpp"
#include "events/import_rows.hpp"

namespace callboard::events {
namespace {

constexpr std::size_t max_line_bytes = 75;

void require(bool holds) {
  if (!holds) std::abort();
}

void reads_the_same_again(const Draft& draft, const Zone& zone) {
  require(is_event_id(draft.id));
  require(draft.content.start <= draft.content.end);
  std::string text;
  append_event(text, {draft.id, draft.content, 1, draft.content.start, draft.content.start}, zone);
  boost::json::array rows;
  rows.push_back(parse_json(text));
  const ReadRows again = read_rows(rows, {.year = {}, .time_zone = "UTC"});
  require(again.errors.empty() && again.drafts.size() == 1);
  require(again.drafts[0].id == draft.id && again.drafts[0].content == draft.content);
  if (draft.leads_minutes) {
    require(leads_from_stored(stored_leads(*draft.leads_minutes)) == *draft.leads_minutes);
  }
}

void has_whole_lines(std::string_view calendar) {
  std::size_t events = 0;
  while (!calendar.empty()) {
    const std::size_t end = calendar.find("\r\n");
    require(end != std::string_view::npos && end <= max_line_bytes);
    const std::string_view line = calendar.substr(0, end);
    require(line.find_first_of("\r\n") == std::string_view::npos && is_valid_utf8(line));
    if (line == "BEGIN:VEVENT") ++events;
    calendar.remove_prefix(end + 2);
  }
  require(events == 1);
}

void try_rows(std::string_view text, const char* zone_name) {
  const Zone zone(zone_name);
  try {
    const ImportRequest request =
        import_request_from_json(parse_json(text), {.year = 2024, .time_zone = zone_name});
    const ReadRows rows = read_rows(request.rows, request.options);
    require(rows.drafts.size() + rows.errors.size() == request.rows.size());
    std::set<std::string> ids;
    for (const Draft& draft : rows.drafts) {
      require(ids.insert(draft.id).second);
      reads_the_same_again(draft, Zone(request.options.time_zone));
      Calendar calendar("demo", "Demo");
      calendar.add({draft.id, draft.content, 1, draft.content.start, draft.content.start});
      has_whole_lines(std::move(calendar).text());
    }
    for (const RowError& error : rows.errors) {
      require(error.index < request.rows.size() && !error.message.empty());
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid);
  }
  if (const auto time = parse_event_time(text, zone)) {
    require(parse_event_time(zone.rfc3339(*time), zone) == time);
  }
}

}  // namespace
}  // namespace callboard::events

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  for (const char* zone : {"UTC", "Asia/Taipei", "Europe/Berlin", "America/St_Johns"}) {
    callboard::events::try_rows(text, zone);
  }
  return 0;
}
