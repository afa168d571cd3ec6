#pragma once

// The demo: a few bulletins, users and events in the application `demo`, so that somebody who has
// just started the server sees boards that differ from user to user, and what is on soon.

#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/events.hpp"

namespace callboard::app {

// The application of all that.
inline constexpr std::string_view demo_app = "demo";

// Adds no bulletins where the application has had one before, and no events where it has any. One
// transaction.
void fill_demo(db::Database& database, const events::EventWatcher& watcher, const Clock& clock);

}  // namespace callboard::app
