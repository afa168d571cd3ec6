#pragma once

// What the server does beside answering requests: every kind of job, and what recurs. Built by
// serve(); any thread. What is passed in outlives it.

#include <vector>

#include "events/events.hpp"
#include "identity/identity.hpp"
#include "jobs/workers.hpp"
#include "reminders/reminders.hpp"

namespace callboard::app {

// Deletes what need not be kept any more.
inline constexpr jobs::JobKind prune_job{"maintenance.prune", "maintenance"};

class Background {
 public:
  Background(const reminders::SendingParts& parts, const audience::DataProviders& providers,
             const events::EventWatcher& watcher, const http::OutgoingClient& outgoing,
             const jobs::WorkerOptions& options);

  // Both are idempotent.
  void start() { workers_.start(); }
  void stop() { workers_.stop(); }

  // For operators: what it does; and what recurs, and when.
  std::vector<jobs::JobKind> kinds();
  static std::vector<jobs::Cron> crons();

 private:
  std::vector<jobs::Work> works();
  jobs::Outcome prune(const jobs::JobContext& context) const;

  db::Database& database_;
  const Clock& clock_;
  reminders::FanOut fan_out_;
  reminders::Sending sending_;
  identity::WebhookEvents webhook_events_;
  events::ImportJob import_job_;
  jobs::Workers workers_;  // last: it uses the others
};

}  // namespace callboard::app
