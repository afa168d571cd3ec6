#pragma once

// A server on a free port with a clock that the test moves, and a gate that lets everybody pass
// unless the test brings its own.

#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "http/server.hpp"
#include "tests/support/open_gate.hpp"
#include "tests/support/raw_client.hpp"

namespace callboard::test {

inline http::ServerOptions test_options() {
  http::ServerOptions options;
  options.port = 0;
  options.threads = 2;
  // Real time: how soon a time-out is noticed once the clock has been moved.
  options.limits.tick = std::chrono::milliseconds{1};
  return options;
}

struct TestServer {
  explicit TestServer(http::Routes routes, http::ServerOptions options = test_options(),
                      http::Gate* other_gate = nullptr, std::size_t pool_threads = 2,
                      std::size_t pool_queue = 1000)
      : pool(pool_threads, pool_queue, metrics) {
    http::Gate& used = other_gate != nullptr ? *other_gate : gate;
    server.emplace(std::move(options), std::move(routes), used, pool, clock, metrics);
    server->start();
  }

  RawClient client() const { return RawClient(server->port()); }

  SimulatedClock clock;
  Metrics metrics;
  OpenGate gate;
  http::WorkPool pool;
  std::optional<http::Server> server;
};

}  // namespace callboard::test
