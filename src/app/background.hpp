#pragma once

// What the server does beside answering requests: every kind of job, and what recurs. Built by
// serve(); any thread. What is passed in outlives it.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "jobs/workers.hpp"
#include "line/client.hpp"
#include "reminders/reminders.hpp"

namespace callboard::app {

class Background {
 public:
  Background(const reminders::SendingParts& parts, const jobs::WorkerOptions& options);

  // Both are idempotent.
  void start() { workers_.start(); }
  void stop() { workers_.stop(); }

 private:
  std::vector<jobs::Work> works();

  reminders::FanOut fan_out_;
  reminders::Sending sending_;
  jobs::Workers workers_;
};

}  // namespace callboard::app
