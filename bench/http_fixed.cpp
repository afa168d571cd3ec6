// The HTTP server alone, to set beside raw_epoll and nginx: one route that answers fixed bytes from
// memory, and one that does so by way of the work pool.
//
//   http_fixed PORT BODY_BYTES [THREADS]     GET /fixed, GET /pool; stops on a signal

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "http/server.hpp"
#include "tests/support/open_gate.hpp"

using namespace callboard;

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: http_fixed PORT BODY_BYTES [THREADS]\n");
    return 2;
  }
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const std::string body(static_cast<std::size_t>(std::atoi(argv[2])), 'x');
  const auto from_memory = [&](const http::Request&, http::Response& response) {
    response.body = body;
  };
  const auto from_pool = [&](const http::Request&) { return http::json_response(body); };

  Metrics metrics;
  SystemClock clock;
  test::OpenGate gate;
  http::WorkPool pool(2, 1000, metrics);
  http::ServerOptions options;
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.threads = argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 2;
  http::Server server(options,
                      {{http::Method::get, "/fixed", http::Access::anyone, http::Surface::app,
                        http::immediate(from_memory)},
                       {http::Method::get, "/pool", http::Access::anyone, http::Surface::app,
                        http::blocking(from_pool)}},
                      gate, pool, clock, metrics);
  server.start();
  int signal = 0;
  sigwait(&signals, &signal);
}
