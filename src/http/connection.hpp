#pragma once

// One client's connection, from accept to close, on one I/O thread. It reads, parses, asks the gate
// and the handler, and writes, with never more than one operation under way:
//
//   open --request for the pool--> working --answer--> open
//   open --last answer--> closing --sent--> lingering --client has read it--> closed
//   open or working --events--> streaming --end--> closed
//
// Pipelined requests are answered in order into one flat buffer that is sent at once. What arrived
// for several connections together is answered for all of them first and then sent: a client on the
// same machine is woken for many answers, not for each, and does not push us off the processor.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "http/event_stream.hpp"
#include "http/handler_memory.hpp"
#include "http/pending_answer.hpp"
#include "http/router.hpp"

namespace callboard::http {

class IoThread;

// Bodies of requests that no route will take are read, to keep the connection, up to this.
inline constexpr std::size_t max_unrouted_body = 64 * 1024;
// After the last answer: how long and how much is read and thrown away, lest the client's unread
// answer be destroyed by a reset.
inline constexpr std::chrono::seconds linger_timeout{2};
inline constexpr std::size_t max_lingering_bytes = 16 * 1024 * 1024;
// A line that says nothing, to a stream on which nothing was said for so long: proxies and
// clients give up on silence.
inline constexpr std::chrono::seconds heartbeat_interval{20};
inline constexpr std::string_view heartbeat = ":\n\n";
// What the kernel keeps for a stream's client that does not read, beside our own bound.
inline constexpr int stream_send_buffer_bytes = 16 * 1024;
// A stream's client has nothing to say any more; this much is read and thrown away.
inline constexpr std::size_t max_stream_input_bytes = std::size_t{64} * 1024;
// A larger output buffer is given back once it has been sent.
inline constexpr std::size_t kept_output_bytes = 64 * 1024;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;
  struct Origin {
    boost::asio::ip::address address;
    bool trusted_proxy;
    bool exempt;  // from the limit of its address
  };

  Connection(IoThread& thread, Socket socket, Origin origin, std::size_t slot);

  void start();
  void moved_to(std::size_t slot) { slot_ = slot; }
  void expire(MonotonicTime now);                       // its deadline has come
  void attend(std::shared_ptr<PendingAnswer> pending);  // which has an answer or a deadline
  void resume();       // its pending answer, or something on its stream, has come
  void pump_if_due();  // the connections that had input with it are served
  void drain();
  bool is_idle() const;  // between requests, with nothing to send
  void close();

 private:
  enum class Phase : std::uint8_t { open, working, streaming, closing, lingering, closed };

  void pump();
  bool serve();
  void read();
  void set_read_deadline();
  void on_read(boost::system::error_code error, std::size_t count);
  bool flush();
  void write_later();
  void on_written(boost::system::error_code error, std::size_t count);
  void linger();
  void waste();

  void on_head();
  void on_request();
  bool answer_from_memory(bool& admitted);
  void hand_to_pool(bool admitted);
  void take_answer();
  void answer_unrouted();
  void refuse(const Refusal& refusal);
  void finish(Response& response, bool keep_alive);
  std::string_view allowed_origin() const;

  void begin_stream(std::shared_ptr<EventStream> stream);
  void take_events();
  void wait_for_events();
  void watch_client();
  void expire_stream(MonotonicTime now);
  void end_stream();

  RequestReader& reader() { return exchange_->reader; }
  const RequestReader& reader() const { return exchange_->reader; }
  void set_deadline(MonotonicTime deadline);

  IoThread& thread_;
  Socket socket_;
  const Origin origin_;
  std::size_t slot_;  // in the thread's table
  Phase phase_ = Phase::open;
  bool writing_ = false;      // an asynchronous write holds output_
  bool pump_is_due_ = false;  // it is on the thread's list; neither reading nor writing
  bool must_linger_ = false;  // there may be input that nobody has read
  bool at_request_ = false;   // exchange_->request belongs to the request at hand
  std::size_t wasted_ = 0;    // bytes read while lingering
  MonotonicTime now_{};       // as of the last event
  MonotonicTime started_{};   // when the request at hand was whole
  std::optional<MonotonicTime> work_began_;  // on the work pool; nothing: not needed
  MonotonicTime body_deadline_{};
  RequestReader::Stage waiting_for_ = RequestReader::Stage::whole;

  std::shared_ptr<Exchange> exchange_;  // null from begin_stream() on
  RouteMatch match_;
  std::shared_ptr<PendingAnswer> pending_;  // while working
  std::shared_ptr<EventStream> stream_;     // from begin_stream() to the end
  class StreamLink;
  std::shared_ptr<StreamLink> stream_link_;
  bool watching_client_ = false;  // of a stream, by a read that goes on beside the writes
  std::string output_;
  std::size_t sent_ = 0;  // of output_
  HandlerMemory handler_memory_;
};

}  // namespace callboard::http
