#include "reminders/planning.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "jobs/job_store.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

using Minutes = std::vector<std::chrono::minutes>;

// The shortest first.
Minutes leads_of(const events::Event& event, const audience::ReminderSettings& settings) {
  Minutes leads = settings.leads;
  if (event.leads_minutes) {
    leads.clear();
    for (const std::uint32_t minutes : *event.leads_minutes) leads.emplace_back(minutes);
  }
  std::ranges::sort(leads);
  return leads;
}

bool is_of(const Send& send, const events::Event& event) {
  return send.subject_made_at == event.created_at && send.version == event.version;
}

// What was sent, or decided, about this start of the event stays so.
bool is_settled(const std::vector<Send>& sends, const events::Event& event,
                std::chrono::minutes lead) {
  return std::ranges::any_of(sends, [&](const Send& send) {
    return send.kind == SendKind::reminder && is_of(send, event) && send.lead == lead &&
           send.state != SendState::cancelled;
  });
}

// One that is still to come ends trying when the settings say.
void follow_grace(db::Transaction& transaction, const std::vector<Send>& sends,
                  const events::Event& event, std::chrono::minutes lead,
                  std::chrono::minutes grace) {
  for (Send send : sends) {
    const Timestamp begin_before = std::min(send.end_before, send.due_at + grace);
    if (send.kind != SendKind::reminder || send.state != SendState::scheduled ||
        !is_of(send, event) || send.lead != lead || send.begin_before == begin_before) {
      continue;
    }
    send.begin_before = begin_before;
    update_send(transaction, send);
  }
}

Send new_send(const events::EventKey& key, const events::Event& event, SendKind kind,
              std::chrono::minutes lead) {
  Send send;
  send.id = random_id();
  send.app_id = key.app_id;
  send.kind = kind;
  send.subject_id = key.event_id;
  send.owner_id = key.owner_id;
  send.subject_made_at = event.created_at;
  send.version = event.version;
  send.lead = lead;
  send.end_before = event.content.start;
  return send;
}

void insert_due(db::Transaction& transaction, Send send, Timestamp due_at,
                std::chrono::milliseconds grace, Timestamp now) {
  send.due_at = due_at;
  send.begin_before = std::min(send.end_before, due_at + grace);
  insert_send(transaction, send, now);
}

void insert_missed(db::Transaction& transaction, Send send, Timestamp due_at, Timestamp now) {
  send.due_at = send.begin_before = due_at;
  send.state = SendState::skipped;
  send.reason = reason::missed;
  send.ended_at = now;
  insert_send(transaction, send, now);
}

// Live ones of another start, or of a lead that is no longer wanted and that nobody has been sent.
void cancel_outdated(db::Transaction& transaction, const std::vector<Send>& sends,
                     const events::Event& event, const Minutes& leads, Timestamp now) {
  for (const Send& send : sends) {
    if (!is_live(send.state)) continue;
    if (!is_of(send, event)) {
      end_send(transaction, send, SendState::cancelled, reason::moved, now);
    } else if (send.kind == SendKind::reminder && !send.claimed_at &&
               std::ranges::find(leads, send.lead) == leads.end()) {
      end_send(transaction, send, SendState::cancelled, reason::lead_removed, now);
    }
  }
}

// The start before the event's present one that people were told of last.
std::optional<Timestamp> told_start(const std::vector<Send>& sends, const events::Event& event) {
  const Send* last = nullptr;
  for (const Send& send : sends) {
    const bool was_told =
        send.claimed_at && send.subject_made_at == event.created_at && send.version < event.version;
    if (was_told && (last == nullptr || send.version > last->version)) last = &send;
  }
  return last == nullptr ? std::nullopt : std::optional(last->end_before);
}

// Reminders of events that are not there any more.
std::int64_t cancel_orphans(db::Transaction& transaction, const std::string& app_id,
                            Timestamp now) {
  events::lock_events(transaction, app_id);
  std::vector<Send> orphans;
  transaction.query(
      fmt::format("SELECT {} FROM sends WHERE app_id = $1 AND kind <> 'bulletin'"
                  " AND state IN ('scheduled', 'held', 'paging', 'sending') AND NOT EXISTS"
                  " (SELECT 1 FROM events WHERE events.app_id = sends.app_id"
                  " AND events.event_id = sends.subject_id AND events.owner_id = sends.owner_id)",
                  send_columns),
      {app_id}, [&](const db::Row& row) { orphans.push_back(read_send(row)); });
  for (const Send& send : orphans) {
    end_send(transaction, send, SendState::cancelled, reason::deleted, now);
  }
  return static_cast<std::int64_t>(orphans.size());
}

std::vector<events::OwnedEvent> plan_some(db::Transaction& transaction, const std::string& app_id,
                                          const events::OwnedEvent* after, Timestamp now) {
  events::lock_events(transaction, app_id);
  const auto application = audience::find_application(transaction, app_id);
  if (!application) return {};
  auto page = events::upcoming_of_all(transaction, app_id, now, after, synced_at_once);
  for (const auto& [event, owner_id] : page) {
    plan(transaction, {app_id, event.id, owner_id}, event, application->settings.reminders, now);
  }
  return page;
}

}  // namespace

void plan(db::Transaction& transaction, const events::EventKey& key, const events::Event& event,
          const audience::ReminderSettings& settings, Timestamp now) {
  const std::vector<Send> sends = hold_sends_of(transaction, key);
  const Minutes leads = leads_of(event, settings);
  cancel_outdated(transaction, sends, event, leads, now);
  const Timestamp start = event.content.start;
  if (start <= now) return;
  bool is_latest = true;  // of those whose moment is over
  for (const std::chrono::minutes lead : leads) {
    const Timestamp due_at = start - lead;
    const bool is_over = due_at < now;
    const bool makes_up = is_over && std::exchange(is_latest, false);
    if (is_settled(sends, event, lead)) {
      follow_grace(transaction, sends, event, lead, settings.grace);
      continue;
    }
    Send send = new_send(key, event, SendKind::reminder, lead);
    if (!is_over) {
      insert_due(transaction, std::move(send), due_at, settings.grace, now);
    } else if (makes_up) {
      insert_due(transaction, std::move(send), now, settings.grace, now);
    } else {
      insert_missed(transaction, std::move(send), due_at, now);
    }
  }
}

void cancel_plan(db::Transaction& transaction, const events::EventKey& key, Timestamp now) {
  for (const Send& send : hold_sends_of(transaction, key)) {
    if (is_live(send.state)) {
      end_send(transaction, send, SendState::cancelled, reason::deleted, now);
    }
  }
}

void plan_notice(db::Transaction& transaction, const events::EventKey& key,
                 const events::Event& after, Timestamp now) {
  if (after.content.start <= now) return;
  const auto told = told_start(hold_sends_of(transaction, key), after);
  if (!told || std::chrono::abs(after.content.start - *told) <= unnoticed_move) return;
  insert_due(transaction, new_send(key, after, SendKind::moved, std::chrono::minutes{0}), now,
             after.content.start - now, now);
}

SyncCounts sync(db::Database& database, const std::string& app_id, const Clock& clock) {
  SyncCounts counts;
  database.write_and_wait([&](db::Transaction& transaction) {
    counts.cancelled = cancel_orphans(transaction, app_id, clock.now());
  });
  std::optional<events::OwnedEvent> last;
  bool is_more = true;
  while (is_more) {
    std::vector<events::OwnedEvent> page;
    database.write_and_wait([&](db::Transaction& transaction) {
      page = plan_some(transaction, app_id, last ? &*last : nullptr, clock.now());
    });
    counts.events += static_cast<std::int64_t>(page.size());
    is_more = static_cast<std::int64_t>(page.size()) == synced_at_once;
    if (is_more) last = std::move(page.back());
  }
  return counts;
}

void follow_settings(db::Transaction& transaction, const audience::Application& before,
                     const audience::AppSettings& after, Timestamp now) {
  const auto& old = before.settings.reminders;
  if (old.leads == after.reminders.leads && old.grace == after.reminders.grace) return;
  jobs::enqueue(
      transaction,
      {.kind = sync_job, .app_id = before.app_id, .unique_key = "reminders.sync/" + before.app_id},
      now);
}

}  // namespace callboard::reminders
