#pragma once

// Events as iCalendar (RFC 5545). Pure; used by one thread.
//
// The detail is shown where it is a JSON object: its `name` as summary, `location`, `description`
// with `activity` and `project` above it, and `link` where that is a URL. Any other detail is the
// summary itself.

#include <string>
#include <string_view>

#include "events/event.hpp"

namespace callboard::events {

class Calendar {
 public:
  // `name` is what programs show; `app_id` makes the events' UIDs unique.
  Calendar(std::string_view app_id, std::string_view name);
  void add(const Event& event);
  // All of it; nothing can be added any more.
  std::string text() &&;

 private:
  std::string app_id_;
  std::string text_;
};

}  // namespace callboard::events
