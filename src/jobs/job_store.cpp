#include "jobs/job_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace callboard::jobs {
namespace {

// Sooner than that, no worker looks by itself.
constexpr std::chrono::milliseconds look_period{1'000};

void require_bounds(const NewJob& job) {
  if (job.payload.size() > max_payload_bytes || job.unique_key.size() > max_unique_key_bytes ||
      job.priority > max_priority || job.priority < -max_priority || job.max_attempts < 1) {
    throw Error(ErrorCode::internal, "a job breaks a bound")
        .with_private(fmt::format("of kind {}", job.kind.name));
  }
}

std::int64_t prune_older(db::Transaction& transaction, Timestamp than, std::string_view states) {
  return transaction.execute(
      fmt::format("DELETE FROM job_history WHERE job_id IN (SELECT job_id FROM job_history"
                  " WHERE finished_at_ms <= $1 AND {} ORDER BY finished_at_ms LIMIT $2{})",
                  states, transaction.skip_locked()),
      {unix_ms(than), prune_batch});
}

std::int64_t prune_above(db::Transaction& transaction, std::int64_t most) {
  return transaction.execute(
      fmt::format("DELETE FROM job_history WHERE job_id IN (SELECT job_id FROM job_history"
                  " WHERE finished_at_ms <= (SELECT finished_at_ms FROM job_history"
                  " ORDER BY finished_at_ms DESC LIMIT 1 OFFSET $1)"
                  " ORDER BY finished_at_ms LIMIT $2{})",
                  transaction.skip_locked()),
      {most, prune_batch});
}

}  // namespace

std::int64_t enqueue(db::Transaction& transaction, const NewJob& job, Timestamp now) {
  require_bounds(job);
  const Timestamp run_at = job.run_at.value_or(now);
  const bool is_due = run_at <= now;
  const db::Value unique_key =
      job.unique_key.empty() ? db::Value(nullptr) : db::Value(job.unique_key);
  const auto id = transaction.first(
      "INSERT INTO jobs (app_id, queue, kind, payload, priority, state, run_at_ms, attempt,"
      " max_attempts, unique_key, created_at_ms)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)"
      " ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO UPDATE SET"
      " again_at_ms = CASE WHEN jobs.state <> 'running' THEN NULL"
      "  WHEN jobs.again_at_ms < $7 THEN jobs.again_at_ms ELSE $7 END,"
      " state = CASE WHEN jobs.state = 'running' OR jobs.run_at_ms <= $7 THEN jobs.state"
      "  ELSE $6 END,"
      " run_at_ms = CASE WHEN jobs.state = 'running' OR jobs.run_at_ms <= $7 THEN jobs.run_at_ms"
      "  ELSE $7 END"
      " RETURNING job_id",
      {job.app_id, job.kind.queue, job.kind.name, job.payload, job.priority,
       is_due ? state::available : state::scheduled, unix_ms(run_at), job.max_attempts, unique_key,
       unix_ms(now)},
      [](const db::Row& row) { return row.integer(0); });
  if (run_at <= now + look_period) transaction.announce("", job_change, job.kind.name);
  return id.value();
}

bool withdraw(db::Transaction& transaction, std::string_view unique_key) {
  return transaction.execute("DELETE FROM jobs WHERE unique_key = $1 AND state <> 'running'",
                             {unique_key}) > 0;
}

bool prune_history(db::Transaction& transaction, Timestamp now) {
  const std::int64_t most_pruned =
      std::max({prune_older(transaction, now - finished_life, "state <> 'discarded'"),
                prune_older(transaction, now - discarded_life, "state = 'discarded'"),
                prune_above(transaction, max_history)});
  transaction.execute("DELETE FROM job_days WHERE day < $1",
                      {unix_ms(now - day_counts_life) / 86'400'000});
  return most_pruned == prune_batch;
}

void delete_jobs(db::Transaction& transaction, std::string_view app_id) {
  for (const char* table : {"jobs", "job_history", "job_days", "job_pauses"}) {
    transaction.execute(fmt::format("DELETE FROM {} WHERE app_id = $1", table), {app_id});
  }
}

}  // namespace callboard::jobs
