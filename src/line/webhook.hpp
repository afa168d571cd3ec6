#pragma once

// What LINE tells us: a webhook's signature and its events
// (https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects). The signature is
// verified before a byte is parsed. Types and members that are not known here don't count. Pure
// functions, any thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace callboard::line {

inline constexpr std::size_t max_webhook_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_webhook_events = 1000;
inline constexpr std::size_t max_webhook_event_id_bytes = 64;

struct WebhookEvent {
  std::string webhook_event_id;  // the same when LINE delivers it again
  std::string type;              // "follow", "unfollow", "message", "postback", ...
  Timestamp timestamp;
  bool is_redelivery = false;
  std::string user_id;                  // empty: of no user
  std::optional<bool> is_unblocked;     // of a follow: it ends a block
  std::optional<std::string> postback;  // its data
  std::string json;                     // the whole event
};

struct Webhook {
  std::string destination;           // the official account's user id
  std::vector<WebhookEvent> events;  // may be empty: the console's "Verify" button
};

// `signature`: the header x-line-signature. With an empty secret nothing is signed.
bool is_signed_by(std::string_view channel_secret, std::string_view body,
                  std::string_view signature);
// The header for a body; for who sends webhooks.
std::string webhook_signature(std::string_view channel_secret, std::string_view body);

// Throws Error{invalid}, or Error{too_large}.
Webhook parse_webhook(std::string_view body);
// One of its events, from its JSON. Throws Error{invalid}.
WebhookEvent parse_webhook_event(std::string_view event);

}  // namespace callboard::line
