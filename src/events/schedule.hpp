#pragma once

// An application's events in memory, as one immutable value that many threads read at once: each
// with the whole answer that a request for it gets, written once.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "events/event.hpp"

namespace callboard::events {

class Schedule {
 public:
  // One event's answer.
  struct Entry {
    std::string id;
    std::string body;  // {"msg":...,"data":EVENT}
    std::string header_lines;
    std::uint64_t hash = 0;  // of the event as it is shown
    Timestamp start, end, updated_at;
    std::int64_t version = 1;
    Leads leads_minutes;

    std::string_view etag() const;   // within the header lines, with its quotes
    std::string_view shown() const;  // within the body: EVENT
  };

  // In any order. `zone` is the one that their times are shown in; `name` the application's.
  Schedule(std::string app_id, std::string name, const Zone& zone, std::vector<Event> events);
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  const Entry* find(std::string_view event_id) const;  // null: there is none
  // By start and id.
  std::span<const Entry> entries() const { return entries_; }
  struct WrittenCalendar {
    std::string text;
    std::string header_lines;
  };
  // The whole as iCalendar; written when it is first asked for.
  const WrittenCalendar& calendar() const;
  // The events as they are stored.
  Event event_of(const Entry& entry) const;
  // What it occupies, roughly.
  std::size_t bytes() const { return bytes_; }

 private:
  const std::string app_id_, name_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::size_t> places_;  // by id, into entries_
  std::size_t bytes_ = 0;
  mutable std::once_flag calendar_once_;
  mutable WrittenCalendar calendar_;
};

}  // namespace callboard::events
