#pragma once

// What the jobs of this folder have in common. All of it outlives them.

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "line/client.hpp"

namespace callboard::reminders {

struct SendingParts {
  db::Database& database;
  const audience::Applications& applications;
  const line::Client& client;
  const audience::SecretBox& secrets;
  const Clock& clock;
  Metrics& metrics;
  double backoff_scale = 1;  // of every pause, for tests
};

}  // namespace callboard::reminders
