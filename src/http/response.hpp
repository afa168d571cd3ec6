#pragma once

// What a handler answers. A plain value; the connection adds Date, Content-Length, Connection and
// X-Request-ID and leaves the body out where HTTP does (HEAD, 204, 304). On the memory path one
// Response is reused from request to request, so that its buffers keep their capacity.

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace callboard::http {

class EventStream;

// How an answer ends. All but `whole` are for servers that play one that fails: the connection is
// closed.
enum class Ending : unsigned char { whole, before_it_begins, within_its_body };

class Response {
 public:
  int status = 200;
  Ending ending = Ending::whole;
  std::string body;
  std::shared_ptr<EventStream> stream;  // instead of a body, see stream_events()

  // Appends a header line. `value` must hold no CR, LF or NUL (a bug: throws Error{internal}).
  void header(std::string_view name, std::string_view value);
  // Content-Type; where never called and the body is not empty: application/json.
  void content_type(std::string_view type);

  // Answers 200 with the stream's events, for as long as it is open, and with the header lines that
  // such a stream needs. The connection ends with it. The answer to HEAD lets go of it at once.
  void stream_events(std::shared_ptr<EventStream> events);
  // What was written before: header lines without Content-Type, each ended by CRLF, and a body that
  // goes out instead of `body`. They must stay as they are until the response has been written: on
  // the memory path that is until this thread's next request.
  void lend_header_lines(std::string_view lines) { lent_header_lines_ = lines; }
  void lend_body(std::string_view bytes) { lent_body_ = bytes; }
  // Copies it, so that the response may outlive it.
  void keep_what_was_lent();

  // The header lines added so far, each ended by CRLF, Content-Type among them.
  const std::string& header_lines() const { return header_lines_; }
  std::string_view lent_header_lines() const { return lent_header_lines_; }
  std::string_view content() const { return lent_body_.empty() ? body : lent_body_; }
  bool has_content_type() const { return has_content_type_; }
  void clear();

 private:
  std::string header_lines_;
  std::string_view lent_header_lines_, lent_body_;
  bool has_content_type_ = false;
};

Response json_response(std::string body, int status = 200);

// How a request ended: with a response or, where `error` is set, with what was thrown.
struct Answer {
  Response response;
  std::exception_ptr error;
};

// The promise to answer one request, once, from any thread. Destroyed unanswered it answers 500.
class Responder {
 public:
  // What stands behind a responder: a connection of the server, or whatever a test puts there.
  // Answers 500 when its last owner lets go of it unanswered.
  class Impl {
   public:
    virtual ~Impl() = default;
    virtual void answer(Answer answer) = 0;
    virtual void fail_at(MonotonicTime deadline, std::exception_ptr error) = 0;
  };

  explicit Responder(std::shared_ptr<Impl> impl);
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  ~Responder();

  // The first answer counts; later ones, and one after the client has gone, are dropped.
  void send(Response response);
  // Translates the exception by the route's surface, as if the handler had thrown it.
  void fail(std::exception_ptr error);
  // If there is no answer by then, `error` is the answer (looked at every
  // 5 ms). The request then stays valid for whoever still reads it.
  void fail_at(MonotonicTime deadline, std::exception_ptr error);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace callboard::http
