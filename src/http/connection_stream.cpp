// What a connection does while its answer is a stream of events: it writes what comes, a heartbeat
// where nothing does, and notices that the client has gone. Everything that the request needed has
// been given back, so that an open stream costs little.

#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/buffer.hpp>
#include <utility>

#include "http/connection.hpp"
#include "http/io_thread.hpp"

namespace callboard::http {

namespace asio = boost::asio;
using boost::system::error_code;

// The stream may outlive the connection, and the I/O thread.
class Connection::StreamLink final : public EventStream::Listener,
                                     public Delivery,
                                     public std::enable_shared_from_this<StreamLink> {
 public:
  explicit StreamLink(Connection& owner, std::shared_ptr<Mailbox> mailbox)
      : connection(&owner), mailbox_(std::move(mailbox)) {}

  void stream_has_news() override { mailbox_->deliver(shared_from_this()); }
  void arrive() override {
    if (connection != nullptr) connection->resume();
  }

  Connection* connection;  // for the I/O thread; null: closed

 private:
  const std::shared_ptr<Mailbox> mailbox_;
};

void Connection::begin_stream(std::shared_ptr<EventStream> stream) {
  phase_ = Phase::streaming;
  thread_.server().metrics.stream_opened();
  stream_ = std::move(stream);
  stream_link_ = std::make_shared<StreamLink>(*this, thread_.mailbox());
  stream_->attach(stream_link_);
  match_ = {};
  exchange_ = nullptr;
  error_code ignored;
  socket_.set_option(asio::socket_base::send_buffer_size(stream_send_buffer_bytes), ignored);
}

void Connection::take_events() {
  const bool more = stream_->take(output_);
  if (!more || thread_.draining()) phase_ = Phase::closing;
}

void Connection::wait_for_events() {
  output_ = {};
  set_deadline(std::min(now_ + heartbeat_interval, stream_->ends()));
  if (!std::exchange(watching_client_, true)) watch_client();
}

void Connection::watch_client() {
  socket_.async_read_some(
      asio::buffer(thread_.wasted_bytes()),
      asio::bind_allocator(HandlerAllocator<void>(handler_memory_),
                           [self = shared_from_this()](error_code error, std::size_t count) {
                             if (self->phase_ == Phase::closed) return;
                             self->wasted_ += count;
                             const bool too_much = self->wasted_ > max_stream_input_bytes;
                             if (error || too_much) return self->close();
                             self->watch_client();
                           }));
}

void Connection::expire_stream(MonotonicTime now) {
  if (writing_) thread_.server().metrics.timeouts.add();
  if (writing_ || stream_->ends() <= now) return close();
  output_ += heartbeat;
  pump();
}

void Connection::end_stream() {
  thread_.server().metrics.stream_closed();
  std::exchange(stream_link_, nullptr)->connection = nullptr;
  std::exchange(stream_, nullptr)->close();
}

}  // namespace callboard::http
