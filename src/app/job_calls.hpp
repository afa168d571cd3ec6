#pragma once

// The functions behind job_routes.cpp's table, for one reach: how far those who call may see. Any
// thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/job_actions.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "jobs/crons.hpp"
#include "jobs/job.hpp"
#include "jobs/job_control.hpp"
#include "jobs/job_scope.hpp"

namespace callboard::app {

// Whose jobs; counted as the path's parameters before those of the job.
enum class JobReach : std::uint8_t { server = 0, workspace = 1, application = 2 };

struct JobCalls {
  db::Database& database;
  const Clock& clock;
  std::vector<jobs::JobKind> kinds;
  std::vector<jobs::Cron> crons;
  JobReach reach = JobReach::application;

  http::Response list(const http::Request& request) const;
  http::Response show(const http::Request& request) const;
  http::Response queues(const http::Request& request) const;
  http::Response workers(const http::Request& request) const;
  http::Response recurring(const http::Request& request) const;
  http::Response history(const http::Request& request) const;

  void cancel(const http::Request& request, http::Responder responder) const;
  void run(const http::Request& request, http::Responder responder) const;
  void retry(const http::Request& request, http::Responder responder) const;
  void erase(const http::Request& request, http::Responder responder) const;
  // The same for many.
  void cancel_many(const http::Request& request, http::Responder responder) const;
  void run_many(const http::Request& request, http::Responder responder) const;
  void retry_many(const http::Request& request, http::Responder responder) const;
  void erase_many(const http::Request& request, http::Responder responder) const;

  void pause(const http::Request& request, http::Responder responder) const;
  void resume(const http::Request& request, http::Responder responder) const;

 private:
  std::string own_parameter(const http::Request& request) const;
  std::int64_t job_in_path(const http::Request& request) const;
  jobs::Scope scope_of(db::Transaction& transaction, std::string_view workspace_id,
                       std::string_view app_id) const;
  jobs::Scope scope_of(db::Transaction& transaction, const http::Request& request) const;
  void change_one(const http::Request& request, jobs::JobAction action,
                  http::Responder responder) const;
  void change_many(const http::Request& request, jobs::JobAction action,
                   http::Responder responder) const;
  void set_paused(const http::Request& request, QueueAction action,
                  http::Responder responder) const;
};

}  // namespace callboard::app
