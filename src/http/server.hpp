#pragma once

// The HTTP/1.1 server: one io_context and acceptor per I/O thread (SO_REUSEPORT), a connection
// stays on its thread. Owned by app/. start() and stop() are idempotent and may be called from any
// thread that is not an I/O thread; everything passed in must outlive the server.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "http/request_log.hpp"
#include "http/route.hpp"
#include "http/work_pool.hpp"

namespace callboard::http {

struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t header_count = 100;
  std::size_t target_bytes = 8 * 1024;
  std::size_t connections = 20'000;              // of the whole server; one more is closed at once
  std::size_t connections_per_address = 10'000;  // loopback and trusted proxies are not counted
  std::size_t pipelined_output_bytes = 256 * 1024;        // reading pauses while more is unsent
  std::chrono::milliseconds header_timeout{10'000};       // first byte to the end of the header
  std::chrono::milliseconds body_timeout{30'000};         // without any progress: half of it
  std::chrono::milliseconds idle_timeout{75'000};         // between requests
  std::chrono::milliseconds crowded_idle_timeout{2'000};  // the same, while `connections` are open
  std::chrono::milliseconds write_timeout{30'000};        // a client that does not read
  std::chrono::milliseconds drain_timeout{10'000};        // stop(): requests in flight; real time
  std::chrono::milliseconds tick{100};                    // how often deadlines are looked at
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;  // 0: any free one, see Server::port()
  std::size_t threads = 0;    // 0: one per core
  // "/callboard": what may stand before every path, and a proxy need not take off. Empty: nothing.
  std::string base_path;
  std::vector<std::string> trusted_proxies;  // addresses or CIDR blocks whose X-Forwarded-* count
  Limits limits;
  RequestLog log;
};

// Throws Error{invalid} on an address or a proxy that is none.
void check(const ServerOptions& options);
// Throws Error{unavailable} if a server could not listen there now: somebody else does, or it is no
// address of this machine.
void check_can_listen(const ServerOptions& options);
std::size_t io_thread_count(const ServerOptions& options);

class Server {
 public:
  // Throws Error{invalid} on conflicting routes or a bad address.
  Server(ServerOptions options, Routes routes, Gate& gate, WorkPool& pool, const Clock& clock,
         Metrics& metrics);
  // Stops, and waits for handlers that are still running on the work pool.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and listens; throws Error{unavailable} with the address if it can't. Returns when ready.
  void start();
  // Stops accepting, lets requests in flight finish within the drain time-out, closes.
  void stop();
  std::uint16_t port() const;
  const Routes& routes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callboard::http
