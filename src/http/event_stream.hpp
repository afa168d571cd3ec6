#pragma once

// An answer that stays open and sends events (server-sent events, WHATWG HTML section 9.2). A
// handler makes one, gives it to its Response (Response::stream_events), and keeps a reference for
// whoever sends: any thread, without ever waiting. The connection takes the events from here.
//
//   auto stream = std::make_shared<http::EventStream>(clock.monotonic() + 1h);
//   stream->send("progress", R"({"done":1})");
//   response.stream_events(stream);
//
// The connection lets go of it when it ends, for whatever reason. So a class derived from it may
// unregister itself in its destructor, and be known to others by a plain pointer until then.

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace callboard::http {

class EventStream {
 public:
  // What waits for a client that does not read; one more event closes the stream.
  static constexpr std::size_t max_unsent_bytes = std::size_t{16} * 1024;

  // Closed at `ends`, to the server's tick.
  explicit EventStream(MonotonicTime ends = MonotonicTime::max()) : ends_(ends) {}
  virtual ~EventStream() = default;
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // False: it is closed. `event` and `id` hold no line break (a bug: throws Error{internal});
  // `data` may.
  bool send(std::string_view event, std::string_view data, std::string_view id = {});
  // How long clients wait before they come again after an end.
  bool send_retry(std::chrono::milliseconds wait);
  // What was sent before still goes out.
  void close();
  bool is_open() const;

  // For the connection. `listener` is told, on any thread, that take() has news.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void stream_has_news() = 0;
  };
  void attach(std::shared_ptr<Listener> listener);
  // Moves what is unsent to the end of `out`. False: nothing more will come.
  bool take(std::string& out);
  // Closed because of max_unsent_bytes.
  bool overflowed() const;
  MonotonicTime ends() const { return ends_; }

 private:
  enum class State : unsigned char { open, closed, overflowed };

  bool append(std::string_view text);
  void tell(std::unique_lock<std::mutex> lock);

  const MonotonicTime ends_;
  mutable std::mutex mutex_;  // guards what follows
  State state_ = State::open;
  bool told_ = false;  // since the last take()
  std::string unsent_;
  std::shared_ptr<Listener> listener_;
};

}  // namespace callboard::http
