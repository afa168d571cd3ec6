#include "jobs/job_overview.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace callboard::jobs {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

sys_days day_of(Timestamp time) {
  return std::chrono::floor<days>(time);
}

std::int64_t number_of(sys_days day) {
  return day.time_since_epoch().count();
}

using ByKind = std::map<std::pair<std::string, std::string>, KindCounts>;  // by queue and kind

KindCounts& counts_of(ByKind& counts, std::string queue, std::string kind) {
  KindCounts& found = counts[{std::move(queue), kind}];
  found.kind = std::move(kind);
  return found;
}

std::size_t index_of(std::string_view waiting_state) {
  return static_cast<std::size_t>(std::ranges::find(waiting_states, waiting_state) -
                                  waiting_states.begin());
}

// Each by an index of its own, so that what is counted bounds what is read. What is for later is
// in one, the soonest first: what is to be tried again is soon.
constexpr std::array counted_apart = {"state = 'available'", "state = 'running'",
                                      "state IN ('scheduled', 'retryable') ORDER BY run_at_ms"};

// Counts the jobs that a condition finds; returns whether there are more.
bool count_found(db::Transaction& transaction, const std::string& condition, const Scope& scope,
                 std::int64_t most, Timestamp now, ByKind& counts) {
  std::int64_t total = 0;
  transaction.query(
      fmt::format("SELECT queue, kind, state, COUNT(*), MIN(run_at_ms) FROM (SELECT queue, kind,"
                  " state, run_at_ms FROM jobs WHERE {} LIMIT $2) AS counted"
                  " GROUP BY queue, kind, state",
                  condition),
      {scope.value(), most + 1}, [&](const db::Row& row) {
        KindCounts& kind = counts_of(counts, row.string(0), row.string(1));
        kind.waiting.at(index_of(row.text(2))) = row.integer(3);
        total += row.integer(3);
        if (row.text(2) != state::available) return;
        kind.latency = std::max(now - timestamp_from_ms(row.integer(4)), Timestamp::duration{});
      });
  return total > most;
}

bool count_all(db::Transaction& transaction, const Scope& scope, Timestamp now, ByKind& counts) {
  const std::string in_scope = scope.condition(transaction);
  if (scope.app_ids) {
    return count_found(transaction, in_scope, scope, max_counted_of_apps, now, counts);
  }
  bool more = false;
  for (const char* states : counted_apart) {
    more |= count_found(transaction, in_scope + " AND " + states, scope, max_counted, now, counts);
  }
  return more;
}

void add_finished_kinds(db::Transaction& transaction, const Scope& scope, ByKind& counts) {
  transaction.query(
      fmt::format("SELECT DISTINCT queue, kind FROM (SELECT queue, kind FROM job_history WHERE {}"
                  " ORDER BY job_id DESC LIMIT $2) AS newest",
                  scope.condition(transaction)),
      {scope.value(), max_looked_at},
      [&](const db::Row& row) { counts_of(counts, row.string(0), row.string(1)); });
}

void add_today(const std::vector<DayCounts>& today, ByKind& counts) {
  for (const DayCounts& day : today) {
    const auto same = [&](const auto& entry) { return entry.first.second == day.kind; };
    const auto found = std::ranges::find_if(counts, same);
    if (found == counts.end()) continue;
    found->second.failed_today = day.failed + day.discarded;
    found->second.processed_today = day.completed + day.failed + day.discarded;
  }
}

struct Pauses {
  std::set<std::string> of_all;
  std::map<std::string, std::vector<std::string>> of_apps;  // by queue
};

Pauses pauses_of(db::Transaction& transaction, const Scope& scope) {
  Pauses pauses;
  transaction.query("SELECT queue FROM job_pauses WHERE app_id = '' ORDER BY queue LIMIT $1",
                    {max_pauses_listed},
                    [&](const db::Row& row) { pauses.of_all.insert(row.string(0)); });
  transaction.query(fmt::format("SELECT queue, app_id FROM job_pauses WHERE app_id <> '' AND {}"
                                " ORDER BY queue, app_id LIMIT $2",
                                scope.condition(transaction)),
                    {scope.value(), max_pauses_listed}, [&](const db::Row& row) {
                      pauses.of_apps[row.string(0)].push_back(row.string(1));
                    });
  return pauses;
}

// Those that are paused are shown also where nothing is known of them.
std::vector<QueueCounts> by_queue(ByKind counts, Pauses pauses, const Scope& scope) {
  std::map<std::string, QueueCounts> queues;
  for (auto& [of, kind] : counts) queues[of.first].kinds.push_back(std::move(kind));
  for (const std::string& queue : pauses.of_all) queues[queue].is_paused = true;
  const bool is_one = scope.app_ids && scope.app_ids->size() == 1;
  for (auto& [queue, apps] : pauses.of_apps) {
    queues[queue].paused_apps = std::move(apps);
    if (is_one) queues[queue].is_paused = true;
  }
  std::vector<QueueCounts> sorted;
  for (auto& [name, queue] : queues) {
    queue.queue = name;
    sorted.push_back(std::move(queue));
  }
  return sorted;
}

std::vector<ShownWorker> all_workers(db::Transaction& transaction) {
  std::vector<ShownWorker> workers;
  transaction.query(
      "SELECT worker_id, name, started_at_ms, seen_at_ms, (SELECT COUNT(*) FROM jobs WHERE"
      " jobs.state = 'running' AND jobs.worker_id = job_workers.worker_id)"
      " FROM job_workers ORDER BY worker_id LIMIT $1",
      {max_workers_listed}, [&](const db::Row& row) {
        workers.push_back({row.integer(0), row.integer(4), row.string(1),
                           timestamp_from_ms(row.integer(2)), timestamp_from_ms(row.integer(3))});
      });
  return workers;
}

void add(DayCounts& day, std::string_view state, std::int64_t jobs) {
  if (state == state::completed) day.completed += jobs;
  if (state == state::discarded) day.discarded += jobs;
  if (state == state::cancelled) day.cancelled += jobs;
  if (state == state::retryable) day.failed += jobs;
}

}  // namespace

QueueOverview overview_of_queues(db::Transaction& transaction, const Scope& scope,
                                 std::span<const JobKind> known, Timestamp now) {
  ByKind counts;
  QueueOverview overview;
  for (const JobKind& kind : known) {
    counts_of(counts, std::string(kind.queue), std::string(kind.name));
  }
  overview.more = count_all(transaction, scope, now, counts);
  add_finished_kinds(transaction, scope, counts);
  add_today(daily_counts(transaction, scope, 1, true, now), counts);
  overview.queues = by_queue(std::move(counts), pauses_of(transaction, scope), scope);
  return overview;
}

std::array<std::int64_t, waiting_states.size()> count_waiting(db::Transaction& transaction) {
  std::array<std::int64_t, waiting_states.size()> counts{};
  for (const char* states : counted_apart) {
    transaction.query(fmt::format("SELECT state, COUNT(*) FROM (SELECT state FROM jobs WHERE {}"
                                  " LIMIT $1) AS counted GROUP BY state",
                                  states),
                      {max_counted}, [&](const db::Row& row) {
                        counts.at(index_of(row.text(0))) = row.integer(1);
                      });
  }
  return counts;
}

std::vector<ShownWorker> list_workers(db::Transaction& transaction, const Scope& scope) {
  if (!scope.app_ids) return all_workers(transaction);
  std::vector<ShownWorker> workers;
  transaction.query(
      fmt::format("SELECT worker_id, COUNT(*) FROM jobs WHERE state = 'running' AND {}"
                  " GROUP BY worker_id ORDER BY worker_id LIMIT $2",
                  scope.condition(transaction)),
      {scope.value(), max_workers_listed}, [&](const db::Row& row) {
        ShownWorker& worker = workers.emplace_back();
        worker.id = row.integer(0);
        worker.running = row.integer(1);
      });
  return workers;
}

std::vector<DayCounts> daily_counts(db::Transaction& transaction, const Scope& scope,
                                    std::int64_t days, bool by_kind, Timestamp now) {
  std::vector<DayCounts> counts;
  transaction.query(
      fmt::format("SELECT day, {0}, state, CAST(SUM(jobs) AS BIGINT) FROM job_days"
                  " WHERE {1} AND day > $2 GROUP BY day, {0}, state ORDER BY day, {0} LIMIT $3",
                  by_kind ? "kind" : "CAST('' AS TEXT)", scope.condition(transaction)),
      {scope.value(), number_of(day_of(now)) - days, max_day_rows}, [&](const db::Row& row) {
        const sys_days day{std::chrono::days{row.integer(0)}};
        const std::string_view kind = row.text(1);
        if (counts.empty() || counts.back().day != day || counts.back().kind != kind) {
          DayCounts& added = counts.emplace_back();
          added.day = day;
          added.kind = kind;
        }
        add(counts.back(), row.text(2), row.integer(3));
      });
  return counts;
}

std::vector<CronEntry> list_entries(db::Transaction& transaction, std::span<const Cron> crons) {
  const std::vector<ShownCron> kept = list_crons(transaction);
  std::vector<CronEntry> entries;
  for (const Cron& cron : crons) {
    CronEntry& entry = entries.emplace_back(CronEntry{cron, {}, {}});
    const auto found = std::ranges::find(kept, cron.name, &ShownCron::name);
    if (found == kept.end()) continue;
    entry.next_at = found->next_at;
    entry.last_at = found->last_at;
  }
  return entries;
}

}  // namespace callboard::jobs
