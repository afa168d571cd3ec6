#include "db/postgres/connector.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"
#include "db/postgres/error.hpp"

namespace callboard::db::postgres {
namespace {

Counter& connection_counter(Metrics& metrics, std::string outcome) {
  return metrics.counter("callboard_database_connections_total",
                         "Connections to the database server by outcome",
                         {{"outcome", std::move(outcome)}});
}

}  // namespace

Connector::Connector(std::string url, const Options& options, Route route)
    : url_(std::move(url)),
      route_(route),
      limits_(options.limits),
      made_(connection_counter(options.metrics, "made")),
      failed_(connection_counter(options.metrics, "failed")) {}

std::unique_ptr<Connection> Connector::connect() {
  require_turn();
  try {
    auto connection = std::make_unique<Connection>(url_, limits_, route_);
    succeed();
    return connection;
  } catch (const Error& error) {
    log::warning(
        "database_connection_failed",
        {{"why", error.private_detail().empty() ? error.message() : error.private_detail()}});
    fail();
    throw;
  }
}

void Connector::require_turn() {
  const std::lock_guard lock(mutex_);
  if (pause_.count() == 0) return;
  if (is_trying_ || std::chrono::steady_clock::now() < not_before_) {
    throw lost_connection("the last attempt to connect has failed, and another one comes soon");
  }
  is_trying_ = true;
}

void Connector::succeed() {
  made_.add();
  const std::lock_guard lock(mutex_);
  pause_ = std::chrono::milliseconds{0};
  is_trying_ = false;
}

void Connector::fail() {
  failed_.add();
  const std::lock_guard lock(mutex_);
  pause_ = std::clamp(2 * pause_, shortest_pause, longest_pause);
  not_before_ = std::chrono::steady_clock::now() + pause_;
  is_trying_ = false;
}

}  // namespace callboard::db::postgres
