#pragma once

// One page of a send: the next of its recipients, each once, frozen into a delivery with the exact
// bytes that go out. Steps of the caller's transaction.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/events.hpp"
#include "reminders/delivery.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

// What is sent, and by which channel.
struct Message {
  std::string channel_id;  // of the Messaging API
  std::string messages;    // a JSON array, as line::multicast_body() takes it
};

// Freezes the next users in the order of their ids, among those subscribed to the event who want
// reminders; `send` moves on. Those whom LINE does not know, or who have blocked the account, are
// recorded as skipped. False: there was nobody left.
bool freeze_page(db::Transaction& transaction, Send& send, const Message& message, Timestamp now);

// The same with those users, at most line::max_recipients.
void freeze_users(db::Transaction& transaction, const Send& send,
                  std::span<const std::string> user_ids, const Message& message, Timestamp now);

// How many it would be sent to, as things stand; how many are subscribed, reachable or not; and how
// many have been frozen.
std::int64_t count_reachable(db::Transaction& transaction, const Send& send);
std::int64_t count_subscribed(db::Transaction& transaction, const Send& send);
std::int64_t count_frozen(db::Transaction& transaction, std::string_view send_id);

// One user who came late: the same, by a push of their own. False: the send had them already.
bool freeze_one(db::Transaction& transaction, const Send& send, std::string_view user_id,
                const Message& message, Timestamp now);

// Those that LINE named are rejected, the others who still want it go out again under a new key:
// nobody got anything by the old one. `rejected`: places in the body's `to`; where none of them is
// one, all are rejected.
void refreeze(db::Transaction& transaction, const Delivery& delivery,
              std::span<const std::size_t> rejected, std::string_view why, Timestamp now);

}  // namespace callboard::reminders
