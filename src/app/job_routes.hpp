#pragma once

// What operators see of jobs and do with them: an application's (viewers look, admins act), those
// of all of a workspace's applications (its owners), and all, the server's own among them (whoever
// runs the server). Jobs beyond that are as good as none. A write is answered when it is committed.
// What is passed by reference outlives the routes.

#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "jobs/crons.hpp"
#include "jobs/job.hpp"

namespace callboard::app {

// `kinds` and `crons`: what this program does, to be shown although nothing of it waits.
http::Routes job_routes(db::Database& database, const std::vector<jobs::JobKind>& kinds,
                        const std::vector<jobs::Cron>& crons, const Clock& clock);

}  // namespace callboard::app
