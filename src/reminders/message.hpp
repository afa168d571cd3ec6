#pragma once

// What a send says, and by which channel: from the event, and the application's settings. Any
// thread.

#include <optional>
#include <string>

#include "audience/audience.hpp"
#include "events/events.hpp"
#include "line/client.hpp"
#include "reminders/page.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

// Of the Messaging API, as WORKSPACE/ID: anybody can type another's id into their own settings, so
// that workspaces share nothing by it. Empty: the application has none.
std::string channel_id_of(const audience::Application& application);
// Whether it is quiet there now, and how.
std::optional<audience::QuietHours::Mode> quiet_mode(const audience::AppSettings& settings,
                                                     Timestamp now);
// A JSON array of one message.
std::string messages_for(SendKind kind, const events::Event& event,
                         const audience::AppSettings& settings);

// Sends one person the event's reminder now, beside all sends. Blocks.
line::SendOutcome send_test(const line::Client& client, const audience::Application& application,
                            const audience::SecretBox& secrets, const events::Event& event,
                            std::string_view user_id);

}  // namespace callboard::reminders
