#include "http/io_thread.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/log.hpp"

namespace callboard::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

}  // namespace

IoThread::IoThread(const ServerContext& server, const tcp::endpoint& endpoint)
    : server_(server),
      acceptor_(context_.get_executor(), endpoint.protocol()),
      ticker_(context_.get_executor()),
      answer_ticker_(context_.get_executor()),
      mailbox_(std::make_shared<Mailbox>(context_)),
      date_line_(server.clock) {
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.set_option(ReusePort(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(tcp::acceptor::max_listen_connections);
}

IoThread::~IoThread() {
  finish();
}

void IoThread::start() {
  accept();
  tick();
  thread_ = std::thread([this] { context_.run(); });
}

void IoThread::drain() {
  asio::post(context_, [this] {
    draining_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    // A connection that closes takes the last one's place.
    for (std::size_t i = slots_.size(); i-- > 0;) slots_[i].connection->drain();
  });
}

void IoThread::finish() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] {
    while (!slots_.empty()) slots_.back().connection->close();
    context_.stop();
  });
  thread_.join();
  mailbox_->close();
}

void IoThread::accept() {
  acceptor_.async_accept([this](error_code error, Connection::Socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      accepted(std::move(socket));
      return accept();
    }
    // Out of descriptors or memory, most likely: asking again at once would only spin.
    server_.metrics.accept_errors.add();
    accept_paused_ = true;
  });
}

void IoThread::accepted(Connection::Socket socket) {
  error_code error;
  const auto address = socket.remote_endpoint(error).address();
  if (!error) socket.non_blocking(true, error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (error) return;
  const bool from_proxy = server_.trusted_proxies.contains(address);
  const bool exempt = from_proxy || address.is_loopback();
  const auto verdict = server_.connections.admit(address, exempt);
  if (verdict == ConnectionCount::Verdict::too_many) {
    return server_.metrics.refused_connections.add();
  }
  if (verdict == ConnectionCount::Verdict::too_many_of_address) {
    return server_.metrics.refused_connections_of_address.add();
  }
  auto connection = std::make_shared<Connection>(
      *this, std::move(socket), Connection::Origin{address, from_proxy, exempt}, slots_.size());
  slots_.push_back({MonotonicTime::max(), connection});
  connection->start();
}

void IoThread::remove(std::size_t slot) {
  if (slot + 1 < slots_.size()) {
    slots_[slot] = std::move(slots_.back());
    slots_[slot].connection->moved_to(slot);
  }
  slots_.pop_back();
}

void IoThread::pump_soon(std::shared_ptr<Connection> connection) {
  due_.push_back(std::move(connection));
  // Goes behind the handlers of everything that the reactor found ready together.
  if (due_.size() == 1) boost::asio::post(context_, [this] { pump_due(); });
}

// An answer wakes its client, which may take this core away. So what arrives while we serve is
// served first, for as long as there is more: fewer and larger rounds, and a shorter tail.
void IoThread::pump_due() {
  const std::size_t collected = std::exchange(collected_, due_.size());
  if (due_.size() > collected && looks_++ < max_looks) {
    return boost::asio::post(context_, [this] { pump_due(); });
  }
  collected_ = 0;
  looks_ = 0;
  // By index: a pump may make another connection due, at the end of the list.
  for (std::size_t i = 0; i < due_.size(); ++i) due_[i]->pump_if_due();
  due_.clear();
}

void IoThread::tick() {
  const MonotonicTime now = server_.clock.monotonic();
  for (std::size_t i = slots_.size(); i-- > 0;) {
    if (slots_[i].deadline <= now) slots_[i].connection->expire(now);
  }
  if (server_.connections.is_full()) make_room(now);
  if (std::exchange(accept_paused_, false) && acceptor_.is_open()) accept();
  ticker_.expires_after(server_.limits.tick);
  ticker_.async_wait([this](error_code error) {
    if (!error) tick();
  });
}

// A connection without a request has its place for as long as nobody else needs it.
void IoThread::make_room(MonotonicTime now) {
  const Limits& limits = server_.limits;
  const MonotonicTime until = now + limits.idle_timeout - limits.crowded_idle_timeout;
  std::size_t left = std::max<std::size_t>(1, limits.connections / freed_part);
  for (std::size_t i = slots_.size(); i-- > 0 && left > 0;) {
    if (slots_[i].deadline > until || !slots_[i].connection->is_idle()) continue;
    slots_[i].connection->close();
    --left;
  }
}

void IoThread::watch_deadline(std::shared_ptr<PendingAnswer> pending) {
  with_deadline_.push_back(std::move(pending));
  if (with_deadline_.size() == 1) tick_answers();
}

void IoThread::tick_answers() {
  const MonotonicTime now = server_.clock.monotonic();
  std::erase_if(with_deadline_, [&](const std::shared_ptr<PendingAnswer>& pending) {
    if (pending->connection == nullptr || pending->answered()) return true;
    if (!pending->expire(now)) return false;
    pending->connection->resume();
    return true;
  });
  if (with_deadline_.empty()) return;
  answer_ticker_.expires_after(std::min(answer_tick, server_.limits.tick));
  answer_ticker_.async_wait([this](error_code error) {
    if (!error) tick_answers();
  });
}

}  // namespace callboard::http
