#pragma once

// What operators see of jobs, one by one: a page of those within a scope, and one with all it has.
// Each function is one step of the caller's transaction. Errors: those of db::Transaction.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/claims.hpp"
#include "jobs/job_scope.hpp"

namespace callboard::jobs {

inline constexpr std::int64_t max_listed = 100;

struct ListedJob {
  std::int64_t id = 0;
  std::string app_id;  // empty: the server's own
  std::string queue, kind, state;
  std::int64_t priority = 0;
  Timestamp run_at;
  std::int64_t attempt = 0, max_attempts = 0;
  Timestamp created_at;
  std::optional<Timestamp> started_at;   // the last attempt
  std::optional<Timestamp> finished_at;  // of the history
  std::string progress;                  // JSON; empty: none
  bool cancel_requested = false;
};

struct ListQuery {
  Scope scope = {};
  JobFilter filter = {};
  std::int64_t before = std::numeric_limits<std::int64_t>::max();  // only smaller ids
  std::int64_t limit = max_listed;
};
// Newest first. Without a state in the filter, those that wait and those of the history.
std::vector<ListedJob> list_jobs(db::Transaction& transaction, const ListQuery& query);

struct JobDetail : ListedJob {
  std::string payload, errors;  // JSON
  std::string unique_key;       // empty: none, or forgotten with the end
  std::optional<WorkerId> worker_id;
};
// Nothing: it is not there, or not within the scope.
std::optional<JobDetail> find_job(db::Transaction& transaction, const Scope& scope,
                                  std::int64_t job_id);

}  // namespace callboard::jobs
