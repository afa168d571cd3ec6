#pragma once

// Makes connections to one server, and goes easy on one that does not answer: after a failure the
// next attempt waits, longer each time, and whoever asks meanwhile is refused at once instead of
// waiting in vain. Owned by PostgresDatabase; any thread.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "base/metrics.hpp"
#include "db/open.hpp"
#include "db/postgres/connection.hpp"

namespace callboard::db::postgres {

class Connector {
 public:
  // Between two attempts, doubled at each failure. The longest is what a server that has come back
  // is noticed after, at the latest.
  static constexpr std::chrono::milliseconds shortest_pause{20};
  static constexpr std::chrono::milliseconds longest_pause{500};

  Connector(std::string url, const Options& options, Route route = Route::direct);

  // Throws as Connection, or Error{unavailable} where it is too early for another attempt.
  std::unique_ptr<Connection> connect();

 private:
  void require_turn();
  void succeed();
  void fail();

  const std::string url_;
  const Route route_;
  const Limits limits_;
  Counter& made_;
  Counter& failed_;
  std::mutex mutex_;
  std::chrono::milliseconds pause_{0};  // zero: the last attempt succeeded
  std::chrono::steady_clock::time_point not_before_{};
  bool is_trying_ = false;  // one attempt at a time after a failure
};

}  // namespace callboard::db::postgres
