#include "app/job_routes.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "app/job_calls.hpp"
#include "http/calls.hpp"

namespace callboard::app {
namespace {

using http::Access;
using http::Method;

constexpr auto surface = http::Surface::console;

// An application's.
http::Routes of_application(JobCalls calls) {
  using Calls = JobCalls;
  calls.reach = JobReach::application;
  const http::Calls call(std::move(calls));
  const std::string app_jobs = "/api/workspace/{workspace_id}/application/{app_id}/jobs";
  return {
      {Method::get, app_jobs, Access::viewer, surface, call(&Calls::list)},
      {Method::get, app_jobs + "/{job_id}", Access::viewer, surface, call(&Calls::show)},
      {Method::get, app_jobs + "/queues", Access::viewer, surface, call(&Calls::queues)},
      {Method::get, app_jobs + "/workers", Access::viewer, surface, call(&Calls::workers)},
      {Method::get, app_jobs + "/crons", Access::viewer, surface, call(&Calls::recurring)},
      {Method::get, app_jobs + "/history", Access::viewer, surface, call(&Calls::history)},
      {Method::post, app_jobs + "/{job_id}/cancel", Access::admin, surface, call(&Calls::cancel)},
      {Method::post, app_jobs + "/{job_id}/run", Access::admin, surface, call(&Calls::run)},
      {Method::post, app_jobs + "/{job_id}/retry", Access::admin, surface, call(&Calls::retry)},
      {Method::delete_, app_jobs + "/{job_id}", Access::admin, surface, call(&Calls::erase)},
      {Method::post, app_jobs + "/cancel", Access::admin, surface, call(&Calls::cancel_many)},
      {Method::post, app_jobs + "/run", Access::admin, surface, call(&Calls::run_many)},
      {Method::post, app_jobs + "/retry", Access::admin, surface, call(&Calls::retry_many)},
      {Method::post, app_jobs + "/delete", Access::admin, surface, call(&Calls::erase_many)},
      {Method::post, app_jobs + "/queues/{queue}/pause", Access::admin, surface,
       call(&Calls::pause)},
      {Method::post, app_jobs + "/queues/{queue}/resume", Access::admin, surface,
       call(&Calls::resume)},
  };
}

// Of all of a workspace's applications.
http::Routes of_workspace(JobCalls calls) {
  using Calls = JobCalls;
  calls.reach = JobReach::workspace;
  const http::Calls call(std::move(calls));
  const std::string workspace_jobs = "/api/workspace/{workspace_id}/jobs";
  return {
      {Method::get, workspace_jobs, Access::owner, surface, call(&Calls::list)},
      {Method::get, workspace_jobs + "/{job_id}", Access::owner, surface, call(&Calls::show)},
      {Method::get, workspace_jobs + "/queues", Access::owner, surface, call(&Calls::queues)},
      {Method::get, workspace_jobs + "/workers", Access::owner, surface, call(&Calls::workers)},
      {Method::get, workspace_jobs + "/crons", Access::owner, surface, call(&Calls::recurring)},
      {Method::get, workspace_jobs + "/history", Access::owner, surface, call(&Calls::history)},
      {Method::post, workspace_jobs + "/{job_id}/cancel", Access::owner, surface,
       call(&Calls::cancel)},
      {Method::post, workspace_jobs + "/{job_id}/run", Access::owner, surface, call(&Calls::run)},
      {Method::post, workspace_jobs + "/{job_id}/retry", Access::owner, surface,
       call(&Calls::retry)},
      {Method::delete_, workspace_jobs + "/{job_id}", Access::owner, surface, call(&Calls::erase)},
      {Method::post, workspace_jobs + "/cancel", Access::owner, surface, call(&Calls::cancel_many)},
      {Method::post, workspace_jobs + "/run", Access::owner, surface, call(&Calls::run_many)},
      {Method::post, workspace_jobs + "/retry", Access::owner, surface, call(&Calls::retry_many)},
      {Method::post, workspace_jobs + "/delete", Access::owner, surface, call(&Calls::erase_many)},
      {Method::post, workspace_jobs + "/queues/{queue}/pause", Access::owner, surface,
       call(&Calls::pause)},
      {Method::post, workspace_jobs + "/queues/{queue}/resume", Access::owner, surface,
       call(&Calls::resume)},
  };
}

// Everybody's.
http::Routes of_server(JobCalls calls) {
  using Calls = JobCalls;
  calls.reach = JobReach::server;
  const http::Calls call(std::move(calls));
  const std::string all_jobs = "/api/jobs";
  return {
      {Method::get, all_jobs, Access::host, surface, call(&Calls::list)},
      {Method::get, all_jobs + "/{job_id}", Access::host, surface, call(&Calls::show)},
      {Method::get, all_jobs + "/queues", Access::host, surface, call(&Calls::queues)},
      {Method::get, all_jobs + "/workers", Access::host, surface, call(&Calls::workers)},
      {Method::get, all_jobs + "/crons", Access::host, surface, call(&Calls::recurring)},
      {Method::get, all_jobs + "/history", Access::host, surface, call(&Calls::history)},
      {Method::post, all_jobs + "/{job_id}/cancel", Access::host, surface, call(&Calls::cancel)},
      {Method::post, all_jobs + "/{job_id}/run", Access::host, surface, call(&Calls::run)},
      {Method::post, all_jobs + "/{job_id}/retry", Access::host, surface, call(&Calls::retry)},
      {Method::delete_, all_jobs + "/{job_id}", Access::host, surface, call(&Calls::erase)},
      {Method::post, all_jobs + "/cancel", Access::host, surface, call(&Calls::cancel_many)},
      {Method::post, all_jobs + "/run", Access::host, surface, call(&Calls::run_many)},
      {Method::post, all_jobs + "/retry", Access::host, surface, call(&Calls::retry_many)},
      {Method::post, all_jobs + "/delete", Access::host, surface, call(&Calls::erase_many)},
      {Method::post, all_jobs + "/queues/{queue}/pause", Access::host, surface,
       call(&Calls::pause)},
      {Method::post, all_jobs + "/queues/{queue}/resume", Access::host, surface,
       call(&Calls::resume)},
  };
}

}  // namespace

http::Routes job_routes(db::Database& database, const std::vector<jobs::JobKind>& kinds,
                        const std::vector<jobs::Cron>& crons, const Clock& clock) {
  const JobCalls calls{database, clock, kinds, crons};
  http::Routes routes = of_application(calls);
  std::ranges::move(of_workspace(calls), std::back_inserter(routes));
  std::ranges::move(of_server(calls), std::back_inserter(routes));
  return routes;
}

}  // namespace callboard::app
