#include "jobs/crons.hpp"

#include <algorithm>

#include "jobs/job_store.hpp"

namespace callboard::jobs {
namespace {

std::optional<Timestamp> known_next(db::Transaction& transaction, std::string_view name) {
  return transaction.first("SELECT next_at_ms FROM job_crons WHERE name = $1", {name},
                           [](const db::Row& row) { return timestamp_from_ms(row.integer(0)); });
}

void save(db::Transaction& transaction, std::string_view name, Timestamp next,
          std::optional<Timestamp> last) {
  transaction.execute(
      "INSERT INTO job_crons (name, next_at_ms, last_at_ms) VALUES ($1, $2, $3)"
      " ON CONFLICT (name) DO UPDATE SET next_at_ms = $2, last_at_ms = $3",
      {name, unix_ms(next), last ? db::Value(unix_ms(*last)) : db::Value(nullptr)});
}

}  // namespace

Crons::Crons(const std::vector<Cron>& crons) {
  for (const Cron& cron : crons) {
    entries_.push_back({cron, CronSchedule::parse(cron.schedule, cron.time_zone)});
  }
  if (!entries_.empty()) next_due_ = Timestamp::min();
}

std::optional<Timestamp> Crons::run_due(db::Transaction& transaction, Timestamp now) const {
  transaction.lock("job_crons");
  std::optional<Timestamp> first;
  for (const Entry& entry : entries_) {
    const auto next = run_one(transaction, entry, now);
    if (next && (!first || *next < *first)) first = next;
  }
  return first;
}

std::optional<Timestamp> Crons::run_one(db::Transaction& transaction, const Entry& entry,
                                        Timestamp now) {
  const auto due = known_next(transaction, entry.cron.name);
  if (due && *due > now) {
    // Also after the clock was set back, or the entry was changed.
    const auto next = entry.schedule.next_after(now);
    if (!next || *next >= *due) return due;
    save(transaction, entry.cron.name, *next, std::nullopt);
    return next;
  }
  if (due) {
    enqueue(transaction, {.kind = entry.cron.kind, .run_at = now, .unique_key = entry.cron.name},
            now);
  }
  const auto next = entry.schedule.next_after(now);
  if (next) save(transaction, entry.cron.name, *next, due);
  return next;
}

std::vector<ShownCron> list_crons(db::Transaction& transaction) {
  std::vector<ShownCron> crons;
  transaction.query("SELECT name, next_at_ms, last_at_ms FROM job_crons ORDER BY name", {},
                    [&](const db::Row& row) {
                      ShownCron& cron = crons.emplace_back();
                      cron.name = row.string(0);
                      cron.next_at = timestamp_from_ms(row.integer(1));
                      if (const auto last = row.optional_integer(2))
                        cron.last_at = timestamp_from_ms(*last);
                    });
  return crons;
}

}  // namespace callboard::jobs
