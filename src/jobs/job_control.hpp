#pragma once

// What operators do with jobs: end them, run them now, try them again, forget them, and keep queues
// from being worked off. Each function is one step of the caller's transaction. Errors: those of
// db::Transaction.
//
//   cancel  what waits goes to the history; what runs is asked to end
//   run     what is scheduled, or is to be tried again, is available now
//   retry   what was given up or cancelled waits again, under its id, with all its attempts; its
//           unique key is not restored
//   erase   what waits, or is in the history, is gone

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/job_scope.hpp"

namespace callboard::jobs {

enum class JobAction : std::uint8_t { cancel, run, retry, erase };
std::string_view name_of(JobAction action);  // "cancel", "run", "retry", "delete"
// Whether it does anything to a job of that state.
bool is_for(JobAction action, std::string_view state);

// By one call; of ids no more may be given.
inline constexpr std::size_t max_changed_at_once = 1'000;

using JobIds = std::vector<std::int64_t>;
struct JobSelection {
  Scope scope;
  std::variant<JobIds, JobFilter> which;
};
struct ChangedJobs {
  std::map<std::string, JobIds> by_app;  // empty: the server's own
  bool more = false;                     // a filter finds more: call again

  std::size_t count() const;
};
// Ids that are out of the scope, or whose job is in no state for it, are passed over; and of a
// filter's jobs, those that somebody else is changing just now. Throws Error{invalid} for a state
// in the filter that it is not for, or too many ids.
ChangedJobs change_jobs(db::Transaction& transaction, JobAction action,
                        const JobSelection& selection, Timestamp now);

inline constexpr std::int64_t max_pauses = 100;  // of one application
// Nobody takes from the queue what is the application's; an empty one: anybody's. False: it was so
// already. Throw Error{invalid} where it can't be a queue's name, Error{too_many}.
bool pause_queue(db::Transaction& transaction, std::string_view queue, std::string_view app_id,
                 Timestamp now);
// Only what the same call with the same application paused.
bool resume_queue(db::Transaction& transaction, std::string_view queue, std::string_view app_id);

}  // namespace callboard::jobs
