#pragma once

// What operators do with a send. Steps of the caller's transaction.

#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

// It ends: whom nobody tried to reach is not reached any more. Throws Error{conflict} where it has
// ended.
void expire_by_operator(db::Transaction& transaction, const Send& send, Timestamp now);
// It goes out now to everybody whom nobody tried to reach, as the event's subscribers are by now;
// one that is held is looked at again. Throws Error{conflict} where it is under way,
// Error{unprocessable} where the event has started, moved or gone.
void resend(db::Transaction& transaction, const Send& send, Timestamp now);

}  // namespace callboard::reminders
