#pragma once

// Jobs at rest: putting one in, and taking one out again, as a step of the caller's transaction, so
// that work is wanted exactly when what wants it is committed. Errors: those of db::Transaction.

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/job.hpp"

namespace callboard::jobs {

// The kind of change that tells workers on every node to look; the key is the job's kind.
inline constexpr std::string_view job_change = "job";
// Instead of a kind: a running job is to be ended.
inline constexpr std::string_view cancel_key = "cancel";

// Returns its id, or that of the job that has its unique key already. Throws Error{internal} where
// it breaks a bound of job.hpp: a bug.
std::int64_t enqueue(db::Transaction& transaction, const NewJob& job, Timestamp now);
// The job of that key, unless it runs already, will not be done. False: there was none that waits.
bool withdraw(db::Transaction& transaction, std::string_view unique_key);

// Deletes what the history need not keep: finished_life after its end, discarded_life for what was
// given up, and the oldest above max_history; at most prune_batch at once. True: there is more.
inline constexpr std::chrono::days finished_life{7}, discarded_life{90}, day_counts_life{400};
inline constexpr std::int64_t max_history = 1'000'000, prune_batch = 5'000;
bool prune_history(db::Transaction& transaction, Timestamp now);

// All of an application's: it is deleted.
void delete_jobs(db::Transaction& transaction, std::string_view app_id);

}  // namespace callboard::jobs
