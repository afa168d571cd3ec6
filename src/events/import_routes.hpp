#pragma once

// An operator's import of events: rows in the body, or at a URL that is fetched. What is passed in
// outlives the routes.

#include <chrono>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/event_watcher.hpp"
#include "http/outgoing.hpp"
#include "http/route.hpp"
#include "http/work_pool.hpp"

namespace callboard::events {

inline constexpr std::chrono::seconds import_fetch_timeout{20};

// `fetching`: where URLs are fetched, which may be slow; nothing else waits for them. Where it is
// full, the answer is Error{unavailable}.
http::Routes import_routes(db::Database& database, const audience::Applications& applications,
                           const EventWatcher& watcher, const http::OutgoingClient& outgoing,
                           http::WorkPool& fetching, const Clock& clock);

}  // namespace callboard::events
