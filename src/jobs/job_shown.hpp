#pragma once

// Jobs as JSON for operators, the same by HTTP and on the command line. Pure; any thread.

#include <boost/json/fwd.hpp>

#include "jobs/job_control.hpp"
#include "jobs/job_list.hpp"
#include "jobs/job_overview.hpp"

namespace callboard::jobs {

boost::json::object to_json(const ListedJob& job);
boost::json::object to_json(const JobDetail& job);
boost::json::object to_json(const QueueOverview& overview);
boost::json::object to_json(const ShownWorker& worker);
boost::json::object to_json(const DayCounts& day);
boost::json::object to_json(const CronEntry& entry);
boost::json::object to_json(const ChangedJobs& changed);

}  // namespace callboard::jobs
