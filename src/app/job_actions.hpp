#pragma once

// What operators do with jobs, with its entry in the audit log of each application that it
// concerns: the same by HTTP and on the command line. Each function is one step of the caller's
// transaction. `by` says who and where from; its workspace is where changes of the server's own
// jobs are recorded (empty: nowhere).

#include <cstddef>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/job_control.hpp"

namespace callboard::app {

jobs::ChangedJobs change_jobs_recorded(db::Transaction& transaction, jobs::JobAction action,
                                       const jobs::JobSelection& selection,
                                       const audience::AuditEntry& by, Timestamp now);

enum class QueueAction : bool { pause, resume };
// For each of the scope's applications; where it is everybody, for all with one pause. Returns how
// many were not so already.
std::size_t set_paused_recorded(db::Transaction& transaction, QueueAction action,
                                std::string_view queue, const jobs::Scope& scope,
                                const audience::AuditEntry& by, Timestamp now);

}  // namespace callboard::app
