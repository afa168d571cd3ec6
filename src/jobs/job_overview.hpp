#pragma once

// What operators see of jobs as a whole: queues, who works, and how many ended how on which day.
// Each function is one step of the caller's transaction. Errors: those of db::Transaction.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/claims.hpp"
#include "jobs/crons.hpp"
#include "jobs/job.hpp"
#include "jobs/job_scope.hpp"

namespace callboard::jobs {

inline constexpr std::array waiting_states = {state::available, state::scheduled, state::retryable,
                                              state::running};
// Of everybody, no more are counted of those that are available, of those that run, and of those
// that are for later; of a scope's applications, of all together.
inline constexpr std::int64_t max_counted = 100'000, max_counted_of_apps = 400'000;
inline constexpr std::int64_t max_pauses_listed = 1'000, max_workers_listed = 1'000;
inline constexpr std::int64_t max_days = 90, max_day_rows = 20'000;
// How many of the history's newest tell which queue a kind that nothing waits of belongs to.
inline constexpr std::int64_t max_looked_at = 10'000;

struct KindCounts {
  std::string kind;
  std::array<std::int64_t, waiting_states.size()> waiting{};  // by waiting_states
  std::optional<std::chrono::milliseconds> latency;           // of the oldest that is available
  // Attempts that ended today (UTC), and those of them that failed.
  std::int64_t processed_today = 0, failed_today = 0;
};
struct QueueCounts {
  std::string queue;
  bool is_paused = false;                // for everybody, or for the scope's one application
  std::vector<std::string> paused_apps;  // of the scope, those it is paused for
  std::vector<KindCounts> kinds;         // by name
};
struct QueueOverview {
  std::vector<QueueCounts> queues;  // by name
  bool more = false;                // there are more than were counted
};
// `known`: what this program does; shown although nothing of it waits.
QueueOverview overview_of_queues(db::Transaction& transaction, const Scope& scope,
                                 std::span<const JobKind> known, Timestamp now);

// How many wait in each of waiting_states, of everybody; up to max_counted.
std::array<std::int64_t, waiting_states.size()> count_waiting(db::Transaction& transaction);

struct ShownWorker {
  WorkerId id = 0;
  std::int64_t running = 0;  // of the scope's
  // Only where the scope is everybody.
  std::string name;
  std::optional<Timestamp> started_at, seen_at;
};
// Where the scope is everybody: all. Else those that run something of it.
std::vector<ShownWorker> list_workers(db::Transaction& transaction, const Scope& scope);

struct DayCounts {
  std::chrono::sys_days day;
  std::string kind;  // empty: of all
  std::int64_t completed = 0, discarded = 0, cancelled = 0;
  std::int64_t failed = 0;  // attempts that were to be repeated
};
// The last `days`, today among them, oldest first; days on which nothing ended are left out.
std::vector<DayCounts> daily_counts(db::Transaction& transaction, const Scope& scope,
                                    std::int64_t days, bool by_kind, Timestamp now);

// An entry of the program's, and when it ran last and runs next.
struct CronEntry {
  Cron cron;
  std::optional<Timestamp> next_at, last_at;
};
std::vector<CronEntry> list_entries(db::Transaction& transaction, std::span<const Cron> crons);

}  // namespace callboard::jobs
