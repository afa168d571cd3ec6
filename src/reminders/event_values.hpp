#pragma once

// What a message's template can say of an event: line/message_template.hpp has the placeholders.
// Pure; any thread.

#include <cstddef>

#include "events/events.hpp"
#include "line/message_template.hpp"

namespace callboard::reminders {

inline constexpr std::size_t max_name_units = 100;  // UTF-16; of a name that is cut from a text

// From the detail, where it is a JSON object: its members name, activity, project, description,
// location, host and link, texts or numbers. A detail that is a text gives the name by its first
// line; one that is neither gives nothing. Without a name it is the activity, else "Event".
//
// From the event itself, in that zone: date "2024/3/2", time "9:00 - 11:00" (with the date of the
// end where that is another day; the start alone where it has no length), and event_id.
line::TemplateValues values_of(const events::Event& event, const events::Zone& zone);

}  // namespace callboard::reminders
