#pragma once

// How sends go, live: each open stream is sent the whole of its send when it begins and whenever
// that changes, at most every stream_interval, until the send has ended.
//
// Owned by app/; any thread; what is passed in outlives it.

#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::reminders {

inline constexpr std::chrono::milliseconds stream_interval{250};
inline constexpr std::size_t max_progress_streams = 200;  // operators look, not crowds

class ProgressStreams {
 public:
  // Subscribes to the database's changes: construct before Database::start_following().
  ProgressStreams(db::Database& database, const Clock& clock);
  ~ProgressStreams();
  ProgressStreams(const ProgressStreams&) = delete;
  ProgressStreams& operator=(const ProgressStreams&) = delete;

  // Refers to `this`, which must outlive the server.
  http::Routes table();

  // Starts the thread that tells. Idempotent.
  void start();
  // Tells those whose send changed since they were told, on the calling thread.
  void tell_changed();

 private:
  class Registry;

  http::Response open(const http::Request& request);

  db::Database& database_;
  const Clock& clock_;
  const std::shared_ptr<Registry> registry_;  // shared with the subscription to the database
  std::thread teller_;
};

}  // namespace callboard::reminders
