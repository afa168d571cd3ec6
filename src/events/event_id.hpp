#pragma once

// Which ids events may have, and the one that an event without an id gets: the same for the same
// content, so that whoever subscribes twice without naming an id names the same event. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "events/event_time.hpp"

namespace callboard::events {

inline constexpr std::size_t max_event_id_characters = 36;

// 1 to 36 printable characters without '/', and neither "." nor "..", which paths can't name.
bool is_event_id(std::string_view text);
inline constexpr std::string_view event_id_rule = "must be 1 to 36 printable characters without /";

// The UUID of version 5 (RFC 9562) in the nil namespace whose name is the compact JSON
//   {"event_detail":...,"event_time_end":"...","event_time_start":"..."}
// with times of RFC 3339 in that zone and text escaped as Go's encoding/json does. Other systems
// compute the same one.
std::string derived_event_id(const std::optional<std::string>& detail, Timestamp start,
                             Timestamp end, const Zone& zone);

}  // namespace callboard::events
