#pragma once

// Live statistics: each open stream is sent the whole of its quiz's when it begins and whenever
// they change, at most every stream_interval. Statistics that are too long for an event are only
// told of, and the client reads them.
//
// Owned by app/; any thread; what is passed in outlives it.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "quizzes/statistics.hpp"

namespace callboard::quizzes {

inline constexpr std::chrono::milliseconds stream_interval{250};
inline constexpr std::size_t max_event_bytes = std::size_t{6} * 1024;

struct StatisticsStreamLimits {
  std::size_t total = 0;
  std::size_t per_app = 0;
  std::size_t per_address = 0;  // loopback is not counted
};

class StatisticsStreams {
 public:
  // Subscribes to the database's changes: construct after `statistics` and before
  // Database::start_following().
  StatisticsStreams(db::Database& database, const Statistics& statistics, const Clock& clock,
                    StatisticsStreamLimits limits);
  ~StatisticsStreams();
  StatisticsStreams(const StatisticsStreams&) = delete;
  StatisticsStreams& operator=(const StatisticsStreams&) = delete;

  // Refers to `this`, which must outlive the server.
  http::Routes table();

  // Starts the thread that calls tell_due() when it is time. Idempotent.
  void start();
  // Tells those whose quiz changed and whose time has come. Returns when to call it again unless
  // something changes; nothing: no need to.
  std::optional<std::chrono::milliseconds> tell_due();
  std::size_t open_streams() const;

 private:
  class Registry;

  // `loaded`: null on the I/O thread, where false says that it is needed.
  bool answer(const http::Request& request, const std::shared_ptr<const QuizStatistics>& loaded,
              http::Response& response);

  const Statistics& statistics_;
  const Clock& clock_;
  // Shared with the subscription and the streams, which may outlive this.
  const std::shared_ptr<Registry> registry_;
  std::thread teller_;
};

}  // namespace callboard::quizzes
