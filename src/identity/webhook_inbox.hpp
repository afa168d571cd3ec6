#pragma once

// What LINE told us by webhook: kept until it is worked off, and its id some days more, since LINE
// may deliver an event again. Each function is one step of the caller's transaction.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/job.hpp"
#include "line/webhook.hpp"

namespace callboard::identity {

inline constexpr std::chrono::days webhook_memory{7};

// Works off one event; its payload is {"webhook_event_id"}.
inline constexpr jobs::JobKind webhook_job{"line.webhook_event", "webhooks"};
inline constexpr std::int64_t webhook_attempts = 5;

// With its job. An event that is there already stays as it is.
void keep_webhook_event(db::Transaction& transaction, std::string_view app_id,
                        const line::WebhookEvent& event, Timestamp now);
// Its JSON; nothing: it is done, or its application is gone.
std::optional<std::string> find_webhook_event(db::Transaction& transaction, std::string_view app_id,
                                              std::string_view webhook_event_id);
// Only its id is remembered: what people write is not ours to keep.
void finish_webhook_event(db::Transaction& transaction, std::string_view app_id,
                          std::string_view webhook_event_id, Timestamp now);

inline constexpr std::int64_t pruned_webhook_events = 5'000;  // at once; true: there are more
bool prune_webhook_events(db::Transaction& transaction, Timestamp now);

}  // namespace callboard::identity
