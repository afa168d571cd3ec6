#pragma once

// Which reminders an event has: one row for each lead time, written in the transaction that writes
// the event, and cancelled in the one that moves or deletes it. Steps of the caller's transaction.

#include <chrono>
#include <span>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/events.hpp"
#include "jobs/job.hpp"

namespace callboard::reminders {

// An event that moved by no more has no notice of that.
inline constexpr std::chrono::minutes unnoticed_move{10};

// What the event should have, it has after this: reminders of its start as it is now, and no
// others. Those of a moment that is over are skipped, but for the latest, which is due now, as
// long as the start is ahead.
void plan(db::Transaction& transaction, const events::EventKey& key, const events::Event& event,
          const audience::ReminderSettings& settings, Timestamp now);
// All that is live of the event ends.
void cancel_plan(db::Transaction& transaction, const events::EventKey& key, Timestamp now);
// Those who were told of another start, by a reminder or a notice, hear of the new one.
void plan_notice(db::Transaction& transaction, const events::EventKey& key,
                 const events::Event& after, Timestamp now);

struct SyncCounts {
  std::int64_t events = 0;     // looked at
  std::int64_t cancelled = 0;  // reminders of events that are no longer so
};
// The same for all events of an application, as they are stored: some in each transaction, so that
// nobody waits for all. Blocks.
inline constexpr std::int64_t synced_at_once = 500;
SyncCounts sync(db::Database& database, const std::string& app_id, const Clock& clock);

// That, as a job.
inline constexpr jobs::JobKind sync_job{"reminders.sync", "reminders"};
// Puts it in where what reminders depend on is another than before.
void follow_settings(db::Transaction& transaction, const audience::Application& before,
                     const audience::AppSettings& after, Timestamp now);

}  // namespace callboard::reminders
