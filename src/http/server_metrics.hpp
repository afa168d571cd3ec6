#pragma once

// What the server counts. Series are resolved once per route, so that a request costs two relaxed
// additions. Any thread.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/metrics.hpp"
#include "http/route.hpp"

namespace callboard::http {

class RouteSeries {
 public:
  RouteSeries(Metrics& metrics, std::string route);
  void count(int status, std::chrono::nanoseconds duration);

 private:
  Counter& requests(std::size_t status_class);

  Metrics& metrics_;
  std::string route_;
  Histogram& seconds_;
  // By the first digit of the status; made when first needed.
  std::array<std::atomic<Counter*>, 6> requests_{};
};

class ServerMetrics {
 public:
  ServerMetrics(Metrics& metrics, const Routes& routes,
                std::shared_ptr<const std::atomic<std::size_t>> connections);

  RouteSeries& route(std::size_t index) { return *routes_[index]; }
  RouteSeries& unrouted() { return *routes_.back(); }

  // Open event streams.
  void stream_opened() { ++*streams_; }
  void stream_closed() { --*streams_; }

  // Work and connections turned away.
  Counter& refused_connections;
  Counter& refused_connections_of_address;
  Counter& refused_work;
  // Requests that were not understood, by us or by the clock.
  Counter& bad_requests;
  Counter& timeouts;
  Counter& accept_errors;

 private:
  std::vector<std::unique_ptr<RouteSeries>> routes_;
  // Shared with the gauge, which may be read after the server has gone.
  std::shared_ptr<std::atomic<std::size_t>> streams_ =
      std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace callboard::http
