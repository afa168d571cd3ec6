#pragma once

// What a send says, and by which channel: from the event, and the application's settings. Any
// thread.

#include <optional>
#include <string>

#include "audience/audience.hpp"
#include "events/events.hpp"
#include "reminders/page.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

// Of the Messaging API; empty: the application has none.
std::string channel_id_of(const audience::Application& application);
// A JSON array of one message.
std::string messages_for(SendKind kind, const events::Event& event,
                         const audience::AppSettings& settings);

}  // namespace callboard::reminders
