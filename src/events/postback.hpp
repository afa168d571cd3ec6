#pragma once

// What the buttons of a reminder mean when they are pressed. A step of the caller's transaction.

#include <string_view>

#include "db/database.hpp"
#include "events/event_watcher.hpp"

namespace callboard::events {

// A button's data: this and the event's id.
inline constexpr std::string_view unsubscribe_postback = "unsubscribe:";

// Data that is not ours counts for nothing.
void handle_postback(db::Transaction& transaction, const EventWatcher& watcher,
                     std::string_view app_id, std::string_view user_id, std::string_view data);

}  // namespace callboard::events
