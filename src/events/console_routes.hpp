#pragma once

// What operators do with an application's events: list them with how many are subscribed, add,
// read, change and delete them. A write is answered when it is committed and this node's readers
// see it. What is passed in outlives the routes.

#include <cstdint>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/event_watcher.hpp"
#include "events/schedules.hpp"
#include "http/route.hpp"

namespace callboard::events {

inline constexpr std::int64_t max_console_page = 100;
inline constexpr std::size_t max_search_bytes = 1024;

http::Routes console_routes(db::Database& database, const Schedules& schedules,
                            const audience::Applications& applications, const EventWatcher& watcher,
                            const Clock& clock);

}  // namespace callboard::events
