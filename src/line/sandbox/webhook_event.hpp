#pragma once

// What happens at LINE's side and is told by webhook: people follow and block the account, press
// buttons and write. Any thread.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "line/sandbox/state.hpp"

namespace callboard::line::sandbox {

// The person becomes a friend, no longer blocks the account, and a webhook says so.
void follow(State& state, std::string_view user_id);

// As it is ordered, and done: {"type","user_id"} and, by type, "data" of a postback, "text" of a
// message, "is_unblocked" of a follow; "webhook_event_id", "timestamp_ms" and "is_redelivery" where
// they are not to be made up; "signature" for one that does not hold; "type":"verify" for a webhook
// without events; or "events", an array that is sent as it is. Throws Error{invalid}.
void send_ordered_webhook(State& state, const boost::json::value& order);

}  // namespace callboard::line::sandbox
