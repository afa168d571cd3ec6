#include "http/server.hpp"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "base/error.hpp"
#include "http/io_thread.hpp"

namespace callboard::http {
namespace {

namespace ip = boost::asio::ip;

ip::address parse_address(const std::string& text) {
  boost::system::error_code error;
  const auto address = ip::make_address(text, error);
  if (error) throw Error(ErrorCode::invalid, "not an address to listen on: " + text);
  return address;
}

// SO_REUSEPORT, which the I/O threads need, would also let a second server join in unnoticed.
void require_unused(const ip::tcp::endpoint& endpoint) {
  boost::asio::io_context context;
  ip::tcp::acceptor probe(context, endpoint, /*reuse_addr=*/true);
}

Error cannot_listen(const ServerOptions& options, const boost::system::system_error& error) {
  return Error(ErrorCode::unavailable, "can't listen on " + options.address + ":" +
                                           std::to_string(options.port) + ": " +
                                           error.code().message());
}

}  // namespace

void check(const ServerOptions& options) {
  parse_address(options.address);
  const AddressSet proxies(options.trusted_proxies);
}

void check_can_listen(const ServerOptions& options) {
  try {
    require_unused({parse_address(options.address), options.port});
  } catch (const boost::system::system_error& error) {
    throw cannot_listen(options, error);
  }
}

std::size_t io_thread_count(const ServerOptions& options) {
  if (options.threads > 0) return options.threads;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

class Server::Impl {
 public:
  Impl(ServerOptions options, Routes routes, Gate& gate, WorkPool& pool, const Clock& clock,
       Metrics& metrics)
      : options_(std::move(options)),
        address_(parse_address(options_.address)),
        trusted_proxies_(options_.trusted_proxies),
        router_(std::move(routes)),
        connections_(options_.limits.connections, options_.limits.connections_per_address),
        metrics_(metrics, router_.routes(), connections_.open()),
        context_{options_.limits,
                 options_.log,
                 options_.base_path,
                 router_,
                 gate,
                 pool,
                 clock,
                 trusted_proxies_,
                 metrics_,
                 connections_,
                 std::make_shared<RunningTasks>()} {}

  ~Impl() {
    stop();
    context_.tasks->close();
  }

  void start() {
    const std::lock_guard lock(mutex_);
    if (!threads_.empty()) return;
    try {
      listen();
    } catch (const boost::system::system_error& error) {
      threads_.clear();
      throw cannot_listen(options_, error);
    }
    for (const auto& thread : threads_) thread->start();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    for (const auto& thread : threads_) thread->drain();
    if (!threads_.empty()) connections_.wait_until_none(options_.limits.drain_timeout);
    threads_.clear();
  }

  std::uint16_t port() const {
    const std::lock_guard lock(mutex_);
    return port_;
  }

  const Routes& routes() const { return router_.routes(); }

 private:
  // The first socket may find a free port, which the others then share.
  void listen() {
    port_ = options_.port;
    require_unused({address_, port_});
    for (std::size_t i = 0; i < io_thread_count(options_); ++i) {
      threads_.push_back(std::make_unique<IoThread>(context_, ip::tcp::endpoint(address_, port_)));
      port_ = threads_.front()->endpoint().port();
    }
  }

  const ServerOptions options_;
  const ip::address address_;
  const AddressSet trusted_proxies_;
  const Router router_;
  ConnectionCount connections_;
  ServerMetrics metrics_;
  const ServerContext context_;

  mutable std::mutex mutex_;  // guards what follows; held while starting and stopping
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<IoThread>> threads_;
};

Server::Server(ServerOptions options, Routes routes, Gate& gate, WorkPool& pool, const Clock& clock,
               Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(routes), gate, pool, clock,
                                   metrics)) {}

Server::~Server() = default;

void Server::start() {
  impl_->start();
}
void Server::stop() {
  impl_->stop();
}
std::uint16_t Server::port() const {
  return impl_->port();
}
const Routes& Server::routes() const {
  return impl_->routes();
}

}  // namespace callboard::http
