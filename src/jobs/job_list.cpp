#include "jobs/job_list.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callboard::jobs {
namespace {

constexpr std::string_view columns =
    "job_id, app_id, queue, kind, state, priority, run_at_ms, attempt, max_attempts, created_at_ms,"
    " started_at_ms, progress, payload, errors";
constexpr int column_count = 14;
constexpr std::string_view own_columns_waiting = "NULL, cancel_requested, unique_key, worker_id";
constexpr std::string_view own_columns_finished = "finished_at_ms, CAST(0 AS BIGINT), NULL, NULL";
// In the place of a table: so the few that run are found by their index, among however many wait.
std::string running_jobs() {
  constexpr int most_looked_at = 100'000;
  return fmt::format("(SELECT * FROM jobs WHERE state = 'running' LIMIT {}) AS jobs",
                     most_looked_at);
}

std::string select(std::string_view table) {
  return fmt::format("SELECT {}, {} FROM {}", columns,
                     table == "job_history" ? own_columns_finished : own_columns_waiting, table);
}

std::optional<Timestamp> optional_time(const db::Row& row, int column) {
  const auto ms = row.optional_integer(column);
  return ms ? std::optional(timestamp_from_ms(*ms)) : std::nullopt;
}

ListedJob read_listed(const db::Row& row) {
  ListedJob job;
  job.id = row.integer(0);
  job.app_id = row.string(1);
  job.queue = row.string(2);
  job.kind = row.string(3);
  job.state = row.string(4);
  job.priority = row.integer(5);
  job.run_at = timestamp_from_ms(row.integer(6));
  job.attempt = row.integer(7);
  job.max_attempts = row.integer(8);
  job.created_at = timestamp_from_ms(row.integer(9));
  job.started_at = optional_time(row, 10);
  job.progress = row.optional_string(11).value_or("");
  job.finished_at = optional_time(row, column_count);
  job.cancel_requested = row.integer(column_count + 1) == 1;
  return job;
}

JobDetail read_detail(const db::Row& row) {
  JobDetail job{read_listed(row), row.string(12), row.string(13),
                row.optional_string(column_count + 2).value_or(""),
                row.optional_integer(column_count + 3)};
  return job;
}

void list_from(db::Transaction& transaction, std::string_view table, const ListQuery& query,
               std::vector<ListedJob>& jobs) {
  const std::string& state = query.filter.state;
  const std::string from = state == state::running ? running_jobs() : std::string(table);
  transaction.query(
      fmt::format("{} WHERE {} AND {} AND job_id < $4{} ORDER BY job_id DESC LIMIT $5",
                  select(from), query.scope.condition(transaction), filter_condition,
                  state.empty() ? "" : fmt::format(" AND state = '{}'", state)),
      {query.scope.value(), query.filter.queue, query.filter.kind, query.before, query.limit},
      [&](const db::Row& row) { jobs.push_back(read_listed(row)); });
}

}  // namespace

std::vector<ListedJob> list_jobs(db::Transaction& transaction, const ListQuery& query) {
  std::vector<ListedJob> jobs;
  const std::string& state = query.filter.state;
  if (!state.empty() && !is_state(state)) return jobs;
  for (const std::string_view table : {"jobs", "job_history"}) {
    if (state.empty() || table_of(state) == table) list_from(transaction, table, query, jobs);
  }
  std::ranges::sort(jobs, std::greater<>(), &ListedJob::id);
  if (jobs.size() > static_cast<std::size_t>(query.limit)) {
    jobs.resize(static_cast<std::size_t>(query.limit));
  }
  return jobs;
}

std::optional<JobDetail> find_job(db::Transaction& transaction, const Scope& scope,
                                  std::int64_t job_id) {
  for (const std::string_view table : {"jobs", "job_history"}) {
    auto job = transaction.first(
        fmt::format("{} WHERE {} AND job_id = $2", select(table), scope.condition(transaction)),
        {scope.value(), job_id}, read_detail);
    if (job) return job;
  }
  return std::nullopt;
}

}  // namespace callboard::jobs
