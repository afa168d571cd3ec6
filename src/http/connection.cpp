#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "http/io_thread.hpp"

namespace callboard::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

}  // namespace

Connection::Connection(IoThread& thread, Socket socket, Origin origin, std::size_t slot)
    : thread_(thread),
      socket_(std::move(socket)),
      origin_(std::move(origin)),
      slot_(slot),
      exchange_(std::make_shared<Exchange>(head_limits(thread.server().limits))) {
  exchange_->peer = origin_.address.to_string();
}

void Connection::start() {
  now_ = thread_.server().clock.monotonic();
  read();
}

void Connection::set_deadline(MonotonicTime deadline) {
  thread_.set_deadline(slot_, deadline);
}

// Goes on for as long as it can without waiting.
void Connection::pump() {
  pump_is_due_ = false;
  while (true) {
    const bool starved = serve();
    if (!flush()) return;
    if (phase_ == Phase::working) return set_deadline(MonotonicTime::max());
    if (phase_ == Phase::streaming) return wait_for_events();
    if (phase_ == Phase::closing) return stream_ ? close() : linger();
    if (starved) return read();
  }
}

// Appends answers to the output for as long as there is input. True: it needs more.
bool Connection::serve() {
  if (phase_ == Phase::working && pending_->answered()) take_answer();
  const std::size_t full = thread_.server().limits.pipelined_output_bytes;
  while (phase_ == Phase::open && output_.size() < full) {
    switch (reader().next()) {
      case RequestReader::Event::need_more:
        return true;
      case RequestReader::Event::head:
        on_head();
        break;
      case RequestReader::Event::request:
        on_request();
        break;
      case RequestReader::Event::refused:
        refuse(reader().refusal());
        break;
    }
  }
  if (phase_ == Phase::streaming) take_events();
  return false;
}

void Connection::read() {
  set_read_deadline();
  const auto space = reader().space();
  socket_.async_read_some(
      asio::buffer(space.data(), space.size()),
      asio::bind_allocator(HandlerAllocator<void>(handler_memory_),
                           [self = shared_from_this()](error_code error, std::size_t count) {
                             self->on_read(error, count);
                           }));
}

void Connection::set_read_deadline() {
  const Limits& limits = thread_.server().limits;
  const RequestReader::Stage stage = reader().stage();
  const bool begins = std::exchange(waiting_for_, stage) != stage;
  if (stage == RequestReader::Stage::body) {
    if (begins) body_deadline_ = now_ + limits.body_timeout;
    set_deadline(std::min(body_deadline_, now_ + limits.body_timeout / 2));
  } else if (begins) {
    const bool idle = stage == RequestReader::Stage::idle;
    set_deadline(now_ + (idle ? limits.idle_timeout : limits.header_timeout));
  }
}

void Connection::on_read(error_code error, std::size_t count) {
  if (phase_ == Phase::closed) return;
  if (phase_ == Phase::open) {
    if (error) return close();
    reader().received(count);
    now_ = thread_.time_of_round();
    serve();
  }
  pump_is_due_ = true;
  thread_.pump_soon(shared_from_this());
}

void Connection::pump_if_due() {
  if (pump_is_due_ && phase_ != Phase::closed) pump();
}

// False: the rest goes out later, or there is no connection any more.
bool Connection::flush() {
  while (sent_ < output_.size()) {
    error_code error;
    sent_ +=
        socket_.write_some(asio::buffer(output_.data() + sent_, output_.size() - sent_), error);
    if (error == asio::error::would_block) {
      write_later();
      return false;
    }
    if (error) {
      close();
      return false;
    }
  }
  sent_ = 0;
  if (output_.capacity() > kept_output_bytes) output_ = {};
  output_.clear();
  return true;
}

void Connection::write_later() {
  set_deadline(now_ + thread_.server().limits.write_timeout);
  writing_ = true;
  socket_.async_write_some(
      asio::buffer(output_.data() + sent_, output_.size() - sent_),
      asio::bind_allocator(HandlerAllocator<void>(handler_memory_),
                           [self = shared_from_this()](error_code error, std::size_t count) {
                             self->on_written(error, count);
                           }));
}

void Connection::on_written(error_code error, std::size_t count) {
  writing_ = false;
  if (phase_ == Phase::closed) return;
  if (error) return close();
  sent_ += count;
  now_ = thread_.server().clock.monotonic();
  pump();
}

void Connection::attend(std::shared_ptr<PendingAnswer> pending) {
  if (pending->answered()) return resume();
  if (pending->deadline()) thread_.watch_deadline(std::move(pending));
}

void Connection::resume() {
  if (stream_ && stream_->overflowed()) return close();
  if ((phase_ != Phase::working && phase_ != Phase::streaming) || writing_) return;
  now_ = thread_.server().clock.monotonic();
  pump();
}

void Connection::expire(MonotonicTime now) {
  if (pump_is_due_) return;  // it is about to move by itself
  if (phase_ == Phase::streaming) return expire_stream(now);
  const bool reading = phase_ == Phase::open && !writing_;
  const bool idle = is_idle();
  if (!idle) thread_.server().metrics.timeouts.add();
  if (idle || !reading) return close();
  now_ = now;
  refuse({408, "the request took too long"});
  set_deadline(now_ + thread_.server().limits.write_timeout);
  // The read that is under way ends now, and on_read() goes on.
  error_code ignored;
  socket_.cancel(ignored);
}

bool Connection::is_idle() const {
  return phase_ == Phase::open && !writing_ && !pump_is_due_ &&
         reader().stage() == RequestReader::Stage::idle;
}

void Connection::drain() {
  pump_if_due();
  if (phase_ == Phase::streaming) return close();
  error_code error;
  if ((is_idle() || phase_ == Phase::lingering) && socket_.available(error) == 0) close();
}

// Everything is sent. The client may still be sending; it gets the time to see our answer.
void Connection::linger() {
  error_code ignored;
  if (!must_linger_ && reader().unparsed().empty() && socket_.available(ignored) == 0) {
    return close();
  }
  phase_ = Phase::lingering;
  set_deadline(now_ + linger_timeout);
  socket_.shutdown(Socket::shutdown_send, ignored);
  waste();
}

void Connection::waste() {
  socket_.async_read_some(
      asio::buffer(thread_.wasted_bytes()),
      asio::bind_allocator(HandlerAllocator<void>(handler_memory_),
                           [self = shared_from_this()](error_code error, std::size_t count) {
                             if (self->phase_ == Phase::closed) return;
                             self->wasted_ += count;
                             if (error || self->wasted_ > max_lingering_bytes) return self->close();
                             self->waste();
                           }));
}

void Connection::close() {
  if (std::exchange(phase_, Phase::closed) == Phase::closed) return;
  if (pending_) std::exchange(pending_, nullptr)->connection = nullptr;
  if (stream_) end_stream();
  const auto self = shared_from_this();
  error_code ignored;
  // First, so that a client which sees the end may count on the place.
  thread_.server().connections.release(origin_.address, origin_.exempt);
  socket_.close(ignored);
  thread_.remove(slot_);
}

}  // namespace callboard::http
