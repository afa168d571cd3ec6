#include "events/schedule.hpp"

#include <xxhash.h>

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/json.hpp"
#include "events/answers.hpp"
#include "events/icalendar.hpp"

namespace callboard::events {
namespace {

Schedule::Entry entry_of(const Event& event, const Zone& zone) {
  Schedule::Entry entry;
  entry.id = event.id;
  entry.body = answer_head;
  append_event(entry.body, event, zone);
  entry.body += answer_tail;
  entry.body.shrink_to_fit();
  entry.hash = XXH3_64bits(entry.body.data(), entry.body.size());
  entry.header_lines = validator_lines(entry.hash);
  entry.start = event.content.start;
  entry.end = event.content.end;
  entry.updated_at = event.updated_at;
  entry.version = event.version;
  entry.leads_minutes = event.leads_minutes;
  return entry;
}

}  // namespace

std::string_view Schedule::Entry::etag() const {
  return etag_in(header_lines);
}

std::string_view Schedule::Entry::shown() const {
  return std::string_view(body).substr(answer_head.size(),
                                       body.size() - answer_head.size() - answer_tail.size());
}

Schedule::Schedule(std::string app_id, std::string name, const Zone& zone,
                   std::vector<Event> events)
    : app_id_(std::move(app_id)), name_(std::move(name)) {
  std::ranges::sort(events, is_before);
  entries_.reserve(events.size());
  places_.reserve(events.size());
  for (Event& event : events) {
    entries_.push_back(entry_of(event, zone));
    event = {};
    const Entry& entry = entries_.back();
    places_.emplace(entry.id, entries_.size() - 1);
    bytes_ += sizeof entry + 64 + entry.id.capacity() + entry.body.capacity() +
              entry.header_lines.capacity();
  }
}

const Schedule::Entry* Schedule::find(std::string_view event_id) const {
  const auto found = places_.find(event_id);
  return found == places_.end() ? nullptr : &entries_[found->second];
}

Event Schedule::event_of(const Entry& entry) const {
  Event event;
  event.id = entry.id;
  event.content.start = entry.start;
  event.content.end = entry.end;
  event.version = entry.version;
  event.leads_minutes = entry.leads_minutes;
  event.updated_at = event.created_at = entry.updated_at;
  const auto shown = parse_json(entry.shown());
  if (const auto* detail = shown.at("event_detail").if_string()) event.content.detail = *detail;
  return event;
}

const Schedule::WrittenCalendar& Schedule::calendar() const {
  std::call_once(calendar_once_, [&] {
    Calendar calendar(app_id_, name_);
    for (const Entry& entry : entries_) calendar.add(event_of(entry));
    calendar_.text = std::move(calendar).text();
    calendar_.header_lines = validator_lines_of(calendar_.text);
  });
  return calendar_;
}

}  // namespace callboard::events
