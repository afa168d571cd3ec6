#pragma once

// Sends at rest. Each function is one step of the caller's transaction; what operators may be
// watching is announced (send_change, the send's id). Errors: those of db::Transaction.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/events.hpp"
#include "jobs/job.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

// The kind of change that tells of a send's progress.
inline constexpr std::string_view send_change = "send";

// Pages a send's recipients and freezes them; its payload is {"send_id"}.
inline constexpr jobs::JobKind fan_out_job{"reminders.fan_out", "reminders"};

// With the job that begins it, where it is `scheduled`.
void insert_send(db::Transaction& transaction, const Send& send, Timestamp now);
std::optional<Send> find_send(db::Transaction& transaction, std::string_view send_id);
// The same, held until the transaction ends.
std::optional<Send> hold_send(db::Transaction& transaction, std::string_view send_id);
// Those of one event, held until the transaction ends.
std::vector<Send> hold_sends_of(db::Transaction& transaction, const events::EventKey& key);
// The same, for somebody who subscribes: none of them begins or ends until the transaction does.
std::vector<Send> share_sends_of(db::Transaction& transaction, const events::EventKey& key);

// Live ones of users' own events of that id; empty: of every id that the application has.
std::vector<Send> hold_private_sends(db::Transaction& transaction, std::string_view app_id,
                                     std::string_view event_id);

// Changes the state and what goes with it: reason, is_silent, claimed_at, begin_before, paged_to.
void update_send(db::Transaction& transaction, const Send& send);
// The same with its times, and the job that begins it.
void reschedule_send(db::Transaction& transaction, const Send& send, Timestamp now);
// It ends in that state, and so do its deliveries: those that nobody tried in the state that fits,
// those in doubt as unknown.
void end_send(db::Transaction& transaction, const Send& send, SendState state,
              std::string_view reason, Timestamp now);
// Sends that are `sending` and whose deliveries have all ended are done.
void settle_sends(db::Transaction& transaction, Timestamp now);

// The columns of a send in a SELECT from `sends`, and the reading of such a row.
inline constexpr std::string_view send_columns =
    "send_id, app_id, kind, subject_id, owner_id, subject_made_at_ms, version, lead_minutes,"
    " due_at_ms, begin_before_ms, end_before_ms, state, reason, is_silent, paged_to, created_at_ms,"
    " claimed_at_ms, ended_at_ms, messages";
Send read_send(const db::Row& row);

// What is live has its job after this, also where an operator ended that: for every few minutes.
inline constexpr jobs::JobKind tend_job{"reminders.tend", "reminders"};
inline constexpr std::int64_t max_tended = 1'000;  // at once
void tend(db::Transaction& transaction, Timestamp now);

// One of the old ones, or some of its recipients; true: there may be more.
inline constexpr std::chrono::days send_life{90};  // after its end
inline constexpr std::int64_t pruned_recipients = 5'000;
bool prune_sends(db::Transaction& transaction, Timestamp now);

}  // namespace callboard::reminders
