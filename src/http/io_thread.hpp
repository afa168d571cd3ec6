#pragma once

// One I/O thread: its io_context, its listening socket, and the connections that live on it. Owned
// by the Server. What is not marked otherwise is for the thread itself.

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "http/connection.hpp"
#include "http/connection_count.hpp"
#include "http/forwarded.hpp"
#include "http/pending_answer.hpp"
#include "http/request_id.hpp"
#include "http/response_writer.hpp"
#include "http/router.hpp"
#include "http/running_tasks.hpp"
#include "http/server.hpp"
#include "http/server_metrics.hpp"

namespace callboard::http {

// How often Responder::fail_at() deadlines are looked at, while there are any.
inline constexpr std::chrono::milliseconds answer_tick{5};
// How often a round looks for more requests before its answers go out.
inline constexpr int max_looks = 8;

// Where the server is full, each thread closes this part of all connections in a tick, of those
// that have been idle for long.
inline constexpr std::size_t freed_part = 100;

// What all threads of a server share; each part is safe from any of them.
struct ServerContext {
  const Limits& limits;
  const RequestLog& log;
  const std::string& base_path;
  const Router& router;
  Gate& gate;
  WorkPool& pool;
  const Clock& clock;
  const AddressSet& trusted_proxies;
  ServerMetrics& metrics;
  ConnectionCount& connections;
  std::shared_ptr<RunningTasks> tasks;
};

inline HeadLimits head_limits(const Limits& limits) {
  return {limits.header_bytes, limits.header_count, limits.target_bytes};
}

class IoThread {
 public:
  using Executor = boost::asio::io_context::executor_type;

  // Binds and listens; throws boost::system::system_error.
  IoThread(const ServerContext& server, const boost::asio::ip::tcp::endpoint& endpoint);
  ~IoThread();

  // For the server's own thread.
  boost::asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  void start();
  void drain();   // no new connections; idle ones close, the others after their answer
  void finish();  // closes what is left, ends the thread, and waits for it

  // For its connections.
  const ServerContext& server() const { return server_; }
  bool draining() const { return draining_; }
  void set_deadline(std::size_t slot, MonotonicTime deadline) { slots_[slot].deadline = deadline; }
  void remove(std::size_t slot);
  // Lets `pending` fail at its deadline.
  void watch_deadline(std::shared_ptr<PendingAnswer> pending);
  // Calls its pump_if_due() when all that has arrived by now has been served.
  void pump_soon(std::shared_ptr<Connection> connection);
  MonotonicTime read_clock() { return last_read_ = server_.clock.monotonic(); }
  // For a connection whose input is part of a round: when the last answer of it was made.
  MonotonicTime time_of_round() { return due_.empty() ? read_clock() : last_read_; }
  Response& scratch_response() { return scratch_response_; }
  std::string_view date_line(MonotonicTime now) { return date_line_.at(now); }
  RequestIds& request_ids() { return request_ids_; }
  const std::shared_ptr<Mailbox>& mailbox() { return mailbox_; }
  // Where bytes go that nobody will read.
  std::array<char, 16 * 1024>& wasted_bytes() { return wasted_bytes_; }

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor>;
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  // The deadlines stand side by side, so that a tick is one pass over an array.
  struct Slot {
    MonotonicTime deadline;
    std::shared_ptr<Connection> connection;
  };

  void accept();
  void accepted(Connection::Socket socket);
  void tick();
  void make_room(MonotonicTime now);
  void pump_due();
  void tick_answers();

  const ServerContext& server_;
  boost::asio::io_context context_{1};
  Acceptor acceptor_;
  Timer ticker_, answer_ticker_;
  bool accept_paused_ = false;  // until the next tick, after an error
  bool draining_ = false;
  std::vector<Slot> slots_;
  std::shared_ptr<Mailbox> mailbox_;
  std::vector<std::shared_ptr<PendingAnswer>> with_deadline_;
  std::vector<std::shared_ptr<Connection>> due_;
  std::size_t collected_ = 0;  // of due_, when we last looked for more
  int looks_ = 0;
  MonotonicTime last_read_{};  // of the clock
  Response scratch_response_;
  DateLine date_line_;
  RequestIds request_ids_;
  std::array<char, 16 * 1024> wasted_bytes_;
  std::thread thread_;
};

}  // namespace callboard::http
