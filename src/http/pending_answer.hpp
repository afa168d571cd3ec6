#pragma once

// What lies between a connection, which lives on one I/O thread, and whoever answers its request
// later from any other. Either side may go first: the connection may close, the server may stop,
// the answer may come late or never. The request's memory lives as long as somebody works on it.

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "http/mailbox.hpp"
#include "http/request_reader.hpp"
#include "http/response.hpp"
#include "http/route.hpp"

namespace callboard::http {

class Connection;

// The memory that a Request's views point into.
struct Exchange {
  explicit Exchange(HeadLimits limits, std::string_view unparsed = {}) : reader(limits, unparsed) {}

  RequestReader reader;
  Request request;
  std::string peer;        // of the socket
  std::string request_id;  // where the client sent none
};

class PendingAnswer final : public Delivery, public std::enable_shared_from_this<PendingAnswer> {
 public:
  PendingAnswer(Connection& owner, Surface surface, std::shared_ptr<Exchange> exchange,
                std::shared_ptr<Mailbox> mailbox);

  Request& request() { return exchange_->request; }

  // Any thread: the first answer is delivered, later ones are dropped. Errors become responses
  // here already, on the thread that threw them.
  void answer(Answer answer);
  void fail_at(MonotonicTime deadline, std::exception_ptr error);
  bool answered() const;

  void arrive() override;
  // When the work pool took it up; for the log.
  std::optional<MonotonicTime> began;

  // On the I/O thread. Null once the connection has no more interest.
  Connection* connection;
  // Only once answered().
  Response take();
  std::optional<MonotonicTime> deadline() const;
  // Answers with the error given to fail_at() if its time has come. From then on the request may
  // still be in use by whoever was to answer it: see overdue().
  bool expire(MonotonicTime now);
  bool overdue() const { return overdue_; }

 private:
  void fail(const Error& error);

  const Surface surface_;
  const std::shared_ptr<Exchange> exchange_;
  const std::shared_ptr<Mailbox> mailbox_;
  bool overdue_ = false;

  mutable std::mutex mutex_;
  bool answered_ = false;
  Response response_;
  std::optional<MonotonicTime> deadline_;
  std::optional<Error> deadline_error_;
};

// What a Responder holds: its last owner, letting go of it, answers what nobody else has.
std::shared_ptr<Responder::Impl> make_promise(std::shared_ptr<PendingAnswer> pending);

}  // namespace callboard::http
