#pragma once

// An application's events for everybody: a page of them and each by its id, from memory, with their
// entity tags; and the change of one by an operator, in the shape of the festival's front end. What
// is passed in outlives the routes.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/event_watcher.hpp"
#include "events/schedules.hpp"
#include "http/route.hpp"

namespace callboard::events {

inline constexpr std::int64_t max_events_listed = 1000;  // of a page
inline constexpr std::int64_t default_events_listed = 10;

// Larger pages are put together on the work pool, so that no other answer waits for them.
inline constexpr std::size_t max_page_built_at_once = std::size_t{256} << 10;

http::Routes event_routes(db::Database& database, const Schedules& schedules,
                          const audience::Applications& applications, const EventWatcher& watcher,
                          const Clock& clock);

}  // namespace callboard::events
