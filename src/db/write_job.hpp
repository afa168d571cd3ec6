#pragma once

// What the writers of every database have in common: how they refuse, answer and count. Only for
// db/; any thread.

#include <exception>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"

namespace callboard::db {

// One queued write, and how it went.
struct WriteJob {
  Work work;
  Completion done;
  std::exception_ptr error = nullptr;
};

struct WriteMetrics {
  explicit WriteMetrics(Metrics& metrics);

  Counter& committed;
  Counter& failed;
  Counter& refused;
  Histogram& commit_time;
};

// Calls the completion with the error, which it then owns alone; survives what it throws.
void answer(WriteJob& job);
// Error{unavailable} with a time to come back.
Error busy(std::string_view why);
// For logs.
std::string description_of(const std::exception_ptr& error);

}  // namespace callboard::db
