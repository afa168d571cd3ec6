#pragma once

// What LINE told us by webhook: kept until it is worked off, and some days more, since LINE may
// deliver an event again. Each function is one step of the caller's transaction.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "line/webhook.hpp"

namespace callboard::identity {

inline constexpr std::chrono::days webhook_memory{7};

// An event that is there already stays as it is.
void keep_webhook_event(db::Transaction& transaction, std::string_view app_id,
                        const line::WebhookEvent& event, Timestamp now);

struct KeptWebhookEvent {
  std::string app_id;
  std::string webhook_event_id;
  std::string event;  // JSON
  std::int64_t attempts;
};
// The oldest that is due and that nobody works on; it is the caller's until the transaction ends.
// False: none.
bool take_webhook_event(db::Transaction& transaction, KeptWebhookEvent& event, Timestamp now);
// Only its id is remembered: what people write is not ours to keep.
void finish_webhook_event(db::Transaction& transaction, const KeptWebhookEvent& event,
                          Timestamp now);
// It failed, and is not due before that time.
void postpone_webhook_event(db::Transaction& transaction, const KeptWebhookEvent& event,
                            Timestamp until);

}  // namespace callboard::identity
