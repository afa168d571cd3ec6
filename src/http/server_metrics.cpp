#include "http/server_metrics.hpp"

#include <algorithm>
#include <utility>

namespace callboard::http {
namespace {

Counter& refused(Metrics& metrics, std::string reason) {
  return metrics.counter("callboard_http_refused_total",
                         "Connections and requests turned away, by reason",
                         {{"reason", std::move(reason)}});
}

}  // namespace

RouteSeries::RouteSeries(Metrics& metrics, std::string route)
    : metrics_(metrics),
      route_(std::move(route)),
      seconds_(metrics.histogram("callboard_http_request_seconds",
                                 "From a whole request to its answer", {{"route", route_}})) {}

void RouteSeries::count(int status, std::chrono::nanoseconds duration) {
  requests(static_cast<std::size_t>(std::clamp(status / 100, 1, 5))).add();
  seconds_.observe(duration);
}

Counter& RouteSeries::requests(std::size_t status_class) {
  std::atomic<Counter*>& known = requests_[status_class];
  if (Counter* counter = known.load(std::memory_order_acquire)) return *counter;
  Counter& made =
      metrics_.counter("callboard_http_requests_total", "Requests answered",
                       {{"route", route_}, {"status", std::to_string(status_class) + "xx"}});
  known.store(&made, std::memory_order_release);
  return made;
}

ServerMetrics::ServerMetrics(Metrics& metrics, const Routes& routes,
                             std::shared_ptr<const std::atomic<std::size_t>> connections)
    : refused_connections(refused(metrics, "connections")),
      refused_connections_of_address(refused(metrics, "connections_of_address")),
      refused_work(refused(metrics, "queue_full")),
      bad_requests(refused(metrics, "bad_request")),
      timeouts(refused(metrics, "timeout")),
      accept_errors(refused(metrics, "accept_error")) {
  for (const Route& route : routes) {
    routes_.push_back(std::make_unique<RouteSeries>(
        metrics, std::string(name_of(route.method)) + " " + route.path));
  }
  routes_.push_back(std::make_unique<RouteSeries>(metrics, "(none)"));
  metrics.gauge("callboard_http_connections", "Open connections",
                [connections] { return static_cast<double>(connections->load()); });
  metrics.gauge("callboard_http_streams", "Open event streams",
                [streams = streams_] { return static_cast<double>(streams->load()); });
}

}  // namespace callboard::http
