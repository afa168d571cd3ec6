#pragma once

// Deliveries at rest: what goes to LINE in one call. Each function is one step of the caller's
// transaction; a change that follows from an attempt is fenced by the delivery's state and the
// attempt's number. Errors: those of db::Transaction.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"

namespace callboard::reminders {

namespace delivery_state {
inline constexpr std::string_view ready = "ready", trying = "trying", accepted = "accepted",
                                  rejected = "rejected", unknown = "unknown", expired = "expired",
                                  cancelled = "cancelled";
}  // namespace delivery_state

namespace endpoint {
inline constexpr std::string_view push = "push", multicast = "multicast";
}  // namespace endpoint

struct NewDelivery {
  std::string_view retry_key, send_id, app_id, channel_id, endpoint, body;
  std::int64_t recipients = 0;
  Timestamp begin_before, end_before;
};
void insert_delivery(db::Transaction& transaction, const NewDelivery& delivery, Timestamp now);

struct Delivery {
  std::string retry_key, send_id, app_id, channel_id, endpoint, body;
  std::int64_t attempts = 0;
  bool in_doubt = false;
  Timestamp begin_before, end_before;
};

inline constexpr std::int64_t deliveries_at_once = 200;
// One that is to be tried, as it was when it was looked for.
struct DueDelivery {
  std::string retry_key, app_id, endpoint;
  Timestamp try_before;  // else it ends untried
};
// Of a channel, due by now, those that must begin first before others.
std::vector<DueDelivery> due_deliveries(db::Transaction& transaction, std::string_view channel_id,
                                        Timestamp now);
// When the next one of that channel is due.
std::optional<Timestamp> next_attempt_at(db::Transaction& transaction, std::string_view channel_id);

// The delivery with one more attempt, which is in doubt until its outcome is known: to be committed
// before the first byte leaves. Nothing: it has ended meanwhile, or its time is over, by which it
// ends here.
std::optional<Delivery> begin_attempt(db::Transaction& transaction, std::string_view retry_key,
                                      Timestamp now);
// False: it has ended or been tried again since.
bool end_attempt(db::Transaction& transaction, const Delivery& delivery, std::string_view state,
                 std::string_view message, std::string_view request_id, Timestamp now);
bool postpone(db::Transaction& transaction, const Delivery& delivery, Timestamp until,
              bool in_doubt, std::string_view message);

// The attempt was not made: as before it. `channel_id`: by which it is to go out.
bool take_back(db::Transaction& transaction, const Delivery& delivery, std::string_view channel_id,
               Timestamp now);

// The deliveries of a send that are under way end: those that nobody tried in `state`, those in
// doubt as unknown.
void stop_deliveries(db::Transaction& transaction, std::string_view send_id, std::string_view state,
                     std::string_view message, Timestamp now);

}  // namespace callboard::reminders
