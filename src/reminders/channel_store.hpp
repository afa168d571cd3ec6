#pragma once

// The Messaging API's channels at rest: who sends by each, so that a second sender knows that calls
// may have been made just now, and whether LINE takes anything. Each function is one step of the
// caller's transaction.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::reminders {

// True: another process sends or sent by it, and may have made a call after `since`.
bool take_channel(db::Transaction& transaction, std::string_view channel_id,
                  std::string_view sender, Timestamp since);
void leave_channel(db::Transaction& transaction, std::string_view channel_id,
                   std::string_view sender, Timestamp now);

struct ChannelHold {
  std::string channel_id, reason;
  Timestamp since, until;
};
std::optional<ChannelHold> find_hold(db::Transaction& transaction, std::string_view channel_id);
void hold_channel(db::Transaction& transaction, std::string_view channel_id,
                  std::string_view reason, Timestamp until, Timestamp now);
// LINE takes something again.
void release_channel(db::Transaction& transaction, std::string_view channel_id);

}  // namespace callboard::reminders
