#include "jobs/claims.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace callboard::jobs {
namespace {

constexpr std::string_view running_and_mine = "state = 'running' AND worker_id = $2";
constexpr std::string_view waiting = "state <> 'running' AND $2 = 0";
constexpr WorkerId nobody = 0;

std::int64_t day_of(Timestamp time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

void count(db::Transaction& transaction, std::string_view app_id, std::string_view kind,
           std::string_view state, std::int64_t jobs, Timestamp now) {
  transaction.execute(
      "INSERT INTO job_days (day, app_id, kind, state, jobs) VALUES ($1, $2, $3, $4, $5)"
      " ON CONFLICT (day, app_id, kind, state) DO UPDATE SET jobs = job_days.jobs + $5",
      {day_of(now), app_id, kind, state, jobs});
}

// Which jobs end, how, and on which condition: SQL with the worker as $2.
struct Ending {
  std::span<const std::int64_t> job_ids;
  std::string_view state;
  std::string_view condition;
  WorkerId worker;
};

std::size_t move_to_history(db::Transaction& transaction, const Ending& ending, Timestamp now) {
  const std::string ids = json_array(ending.job_ids);
  const std::string which =
      fmt::format(" FROM jobs WHERE job_id IN (SELECT number FROM {} AS ids) AND {}",
                  transaction.numbers_in("$1"), ending.condition);
  constexpr std::string_view columns =
      "job_id, app_id, queue, kind, payload, priority, run_at_ms, attempt, max_attempts,"
      " unique_key, errors, progress, created_at_ms, started_at_ms";
  transaction.execute(fmt::format("INSERT INTO job_history ({0}, state, finished_at_ms) SELECT {0},"
                                  " CAST($3 AS TEXT), CAST($4 AS BIGINT){1}{2}",
                                  columns, which, transaction.hold_rows("jobs")),
                      {ids, ending.worker, ending.state, unix_ms(now)});
  std::map<std::pair<std::string, std::string>, std::int64_t> ended;
  std::size_t total = 0;
  transaction.query(fmt::format("DELETE{} RETURNING app_id, kind", which), {ids, ending.worker},
                    [&](const db::Row& row) {
                      ++ended[{row.string(0), row.string(1)}];
                      ++total;
                    });
  for (const auto& [of, jobs] : ended) {
    count(transaction, of.first, of.second, ending.state, jobs, now);
  }
  return total;
}

// Those of a worker's that are wanted once more run once more. Returns how many there were.
std::size_t run_again(db::Transaction& transaction, WorkerId worker,
                      std::span<const std::int64_t> job_ids, Timestamp now) {
  return static_cast<std::size_t>(transaction.execute(
      fmt::format("UPDATE jobs SET state = CASE WHEN again_at_ms <= $3 THEN 'available'"
                  " ELSE 'scheduled' END, run_at_ms = again_at_ms, again_at_ms = NULL,"
                  " attempt = 0, worker_id = NULL, progress = NULL, errors = '[]',"
                  " cancel_requested = 0"
                  " WHERE job_id IN (SELECT number FROM {} AS ids) AND state = 'running'"
                  " AND worker_id = $2 AND again_at_ms IS NOT NULL",
                  transaction.numbers_in("$1")),
      {json_array(job_ids), worker, unix_ms(now)}));
}

// In that state; but where it is wanted once more since it runs, it runs once more.
void end_one(db::Transaction& transaction, WorkerId worker, const Job& job, std::string_view state,
             Timestamp now) {
  const std::array ids{job.id};
  if (run_again(transaction, worker, ids, now) > 0) return;
  move_to_history(transaction, {ids, state, running_and_mine, worker}, now);
}

bool is_unwanted(db::Transaction& transaction, WorkerId worker, const Job& job) {
  return transaction
      .first(
          "SELECT 1 FROM jobs WHERE job_id = $1 AND state = 'running' AND worker_id = $2"
          " AND cancel_requested = 1",
          {job.id, worker}, [](const db::Row&) { return true; })
      .has_value();
}

// The jobs of one that died; those that killed their workers too often are given up.
void free_jobs_of(db::Transaction& transaction, WorkerId worker, Timestamp now) {
  constexpr std::string_view died = "whoever ran it died";
  std::vector<Job> last_attempts;
  transaction.query(
      "SELECT job_id, attempt, errors, started_at_ms FROM jobs"
      " WHERE state = 'running' AND worker_id = $1 AND (attempt >= max_attempts OR "
      "cancel_requested = 1)",
      {worker}, [&](const db::Row& row) {
        Job& job = last_attempts.emplace_back();
        job.id = row.integer(0);
        job.attempt = row.integer(1);
        job.errors = row.string(2);
        job.started_at = timestamp_from_ms(row.integer(3));
      });
  for (const Job& job : last_attempts) fail(transaction, worker, job, died, std::nullopt, now);
  transaction.execute(
      "UPDATE jobs SET state = 'available', worker_id = NULL, again_at_ms = NULL"
      " WHERE state = 'running' AND worker_id = $1",
      {worker});
}

}  // namespace

std::string json_array(std::span<const std::int64_t> numbers) {
  return fmt::format("[{}]", fmt::join(numbers, ","));
}

void register_worker(db::Transaction& transaction, WorkerId worker, std::string_view name,
                     Timestamp now, Timestamp expires) {
  transaction.execute(
      "INSERT INTO job_workers (worker_id, name, started_at_ms, seen_at_ms, expires_at_ms)"
      " VALUES ($1, $2, $3, $3, $4)",
      {worker, name, unix_ms(now), unix_ms(expires)});
}

bool extend_worker(db::Transaction& transaction, WorkerId worker, Timestamp now,
                   Timestamp expires) {
  return transaction.execute(
             "UPDATE job_workers SET seen_at_ms = $2, expires_at_ms = $3 WHERE worker_id = $1",
             {worker, unix_ms(now), unix_ms(expires)}) > 0;
}

void remove_worker(db::Transaction& transaction, WorkerId worker, Timestamp now) {
  transaction.execute(
      "UPDATE jobs SET state = 'available', worker_id = NULL, again_at_ms = NULL,"
      " attempt = attempt - 1, run_at_ms = $2 WHERE state = 'running' AND worker_id = $1",
      {worker, unix_ms(now)});
  transaction.execute("DELETE FROM job_workers WHERE worker_id = $1", {worker});
}

bool give_up_expired(db::Transaction& transaction, WorkerId but_not, Timestamp now) {
  std::vector<WorkerId> expired;
  transaction.query(
      "DELETE FROM job_workers WHERE expires_at_ms <= $1 AND worker_id <> $2 RETURNING worker_id",
      {unix_ms(now), but_not}, [&](const db::Row& row) { expired.push_back(row.integer(0)); });
  for (const WorkerId worker : expired) free_jobs_of(transaction, worker, now);
  return !expired.empty();
}

std::vector<std::int64_t> unwanted_jobs(db::Transaction& transaction, WorkerId worker) {
  std::vector<std::int64_t> ids;
  transaction.query(
      "SELECT job_id FROM jobs WHERE state = 'running' AND worker_id = $1 AND cancel_requested = 1",
      {worker}, [&](const db::Row& row) { ids.push_back(row.integer(0)); });
  return ids;
}

Outlook outlook(db::Transaction& transaction, std::span<const std::string_view> kinds) {
  Outlook result;
  transaction.query("SELECT MIN(run_at_ms) FROM jobs WHERE state IN ('scheduled', 'retryable')", {},
                    [&](const db::Row& row) {
                      if (!row.is_null(0)) result.next_due = timestamp_from_ms(row.integer(0));
                    });
  for (const std::string_view kind : kinds) {
    result.has_available.push_back(
        transaction
            .first("SELECT 1 FROM jobs WHERE state = 'available' AND kind = $1 LIMIT 1", {kind},
                   [](const db::Row&) { return true; })
            .has_value());
  }
  return result;
}

void promote_due(db::Transaction& transaction, Timestamp now) {
  transaction.execute(
      fmt::format("UPDATE jobs SET state = 'available' WHERE job_id IN"
                  " (SELECT job_id FROM jobs WHERE state IN ('scheduled', 'retryable')"
                  " AND run_at_ms <= $1 ORDER BY run_at_ms LIMIT $2{})",
                  transaction.skip_locked()),
      {unix_ms(now), promoted_at_once});
}

bool hold_worker(db::Transaction& transaction, WorkerId worker) {
  return transaction
      .first(
          "SELECT 1 FROM job_workers WHERE worker_id = $1" + transaction.hold_rows("job_workers"),
          {worker}, [](const db::Row&) { return true; })
      .has_value();
}

std::vector<Job> claim(db::Transaction& transaction, WorkerId worker, std::string_view kind,
                       std::size_t most, Timestamp now) {
  std::vector<Job> jobs;
  transaction.query(
      fmt::format(
          "UPDATE jobs SET state = 'running', attempt = attempt + 1, worker_id = $1,"
          " started_at_ms = $2 WHERE job_id IN"
          " (SELECT job_id FROM jobs WHERE state = 'available' AND kind = $3 AND NOT EXISTS"
          " (SELECT 1 FROM job_pauses WHERE job_pauses.queue = jobs.queue"
          " AND job_pauses.app_id IN ('', jobs.app_id))"
          " ORDER BY priority DESC, run_at_ms, job_id LIMIT $4{})"
          " RETURNING job_id, app_id, kind, payload, priority, run_at_ms, attempt, max_attempts,"
          " errors",
          transaction.skip_locked()),
      {worker, unix_ms(now), kind, static_cast<std::int64_t>(most)}, [&](const db::Row& row) {
        jobs.push_back({row.integer(0), row.string(1), row.string(2), row.string(3), row.integer(4),
                        timestamp_from_ms(row.integer(5)), row.integer(6), now, row.integer(7),
                        row.string(8)});
      });
  std::ranges::sort(jobs, [](const Job& left, const Job& right) {
    return std::tuple(-left.priority, left.run_at, left.id) <
           std::tuple(-right.priority, right.run_at, right.id);
  });
  return jobs;
}

void give_back(db::Transaction& transaction, WorkerId worker, Timestamp claimed_at) {
  transaction.execute(
      "UPDATE jobs SET state = 'available', worker_id = NULL, again_at_ms = NULL,"
      " attempt = attempt - 1"
      " WHERE state = 'running' AND worker_id = $1 AND started_at_ms = $2",
      {worker, unix_ms(claimed_at)});
}

bool hold_job(db::Transaction& transaction, WorkerId worker, const Job& job) {
  return transaction
      .first(
          "SELECT 1 FROM jobs WHERE job_id = $1 AND state = 'running' AND worker_id = $2"
          " AND attempt = $3 AND started_at_ms = $4" +
              transaction.share_rows("jobs"),
          {job.id, worker, job.attempt, unix_ms(job.started_at)},
          [](const db::Row&) { return true; })
      .has_value();
}

std::size_t complete(db::Transaction& transaction, WorkerId worker,
                     std::span<const std::int64_t> job_ids, Timestamp now) {
  const std::size_t ended =
      move_to_history(transaction,
                      {job_ids, state::completed,
                       "state = 'running' AND worker_id = $2 AND again_at_ms IS NULL", worker},
                      now);
  if (ended == job_ids.size()) return ended;
  return ended + run_again(transaction, worker, job_ids, now);
}

void fail(db::Transaction& transaction, WorkerId worker, const Job& job, std::string_view message,
          std::optional<Timestamp> retry_at, Timestamp now) {
  if (!hold_job(transaction, worker, job)) return;
  transaction.execute("UPDATE jobs SET errors = $2 WHERE job_id = $1",
                      {job.id, with_error(job.errors, job.attempt, message, now)});
  if (is_unwanted(transaction, worker, job)) {
    return end_one(transaction, worker, job, state::cancelled, now);
  }
  if (!retry_at) return end_one(transaction, worker, job, state::discarded, now);
  transaction.execute(
      "UPDATE jobs SET state = 'retryable', run_at_ms = CASE WHEN again_at_ms < $2 THEN again_at_ms"
      " ELSE $2 END, again_at_ms = NULL, worker_id = NULL WHERE job_id = $1",
      {job.id, unix_ms(*retry_at)});
  count(transaction, job.app_id, job.kind, state::retryable, 1, now);
}

void snooze(db::Transaction& transaction, WorkerId worker, const Job& job, Timestamp until,
            Timestamp now) {
  if (!hold_job(transaction, worker, job)) return;
  if (is_unwanted(transaction, worker, job)) {
    return end_one(transaction, worker, job, state::cancelled, now);
  }
  transaction.execute(
      "UPDATE jobs SET state = CASE WHEN again_at_ms <= $3 OR $2 <= $3 THEN 'available'"
      " ELSE 'scheduled' END, run_at_ms = CASE WHEN again_at_ms < $2 THEN again_at_ms ELSE $2 END,"
      " again_at_ms = NULL, worker_id = NULL, attempt = attempt - 1 WHERE job_id = $1",
      {job.id, unix_ms(until), unix_ms(now)});
}

void set_progress(db::Transaction& transaction, WorkerId worker, std::int64_t job_id,
                  std::int64_t done, std::int64_t total) {
  transaction.execute(
      "UPDATE jobs SET progress = $3 WHERE job_id = $1 AND state = 'running' AND worker_id = $2",
      {job_id, worker, fmt::format(R"({{"done":{},"total":{}}})", done, total)});
}

std::size_t end_waiting(db::Transaction& transaction, std::span<const std::int64_t> job_ids,
                        std::string_view state, Timestamp now) {
  return move_to_history(transaction, {job_ids, state, waiting, nobody}, now);
}

}  // namespace callboard::jobs
