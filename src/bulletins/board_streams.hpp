#pragma once

// Tells open streams when their user's board may have changed: a new board, other attributes, a
// window that opened or closed. "May have": what it costs does not depend on what is on the board,
// and the client asks, with its ETag, what it is. Owned by app/; any thread.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "bulletins/boards.hpp"
#include "bulletins/stream_registry.hpp"
#include "db/database.hpp"
#include "http/route.hpp"

namespace callboard::bulletins {

class BoardStreams {
 public:
  // Subscribes to the database's changes and to new boards: construct after the users and before
  // Database::start_following() and the first board that is asked for.
  // `is_revoked` is asked about the caller's session.
  using Revoked = std::function<bool(std::string_view session)>;
  BoardStreams(db::Database& database, Boards& boards, Revoked is_revoked, const Clock& clock,
               StreamLimits limits);
  ~BoardStreams();
  BoardStreams(const BoardStreams&) = delete;
  BoardStreams& operator=(const BoardStreams&) = delete;

  // Refers to `this`, which must outlive the server.
  http::Routes table();

  // Starts the thread that calls tell_due() when it is time. Idempotent.
  void start();
  // Tells those whose time has come. Returns when to call it again unless something happens;
  // nothing where no stream is open.
  std::optional<std::chrono::milliseconds> tell_due();
  std::size_t open_streams() const;

 private:
  struct Alarm;

  bool answer_from_memory(const http::Request& request, http::Response& response);
  void answer_blocking(const http::Request& request, http::Responder responder);
  void run();

  Boards& boards_;
  const Revoked is_revoked_;
  const Clock& clock_;
  // Both shared with the subscriptions and the streams, which may outlive this.
  const std::shared_ptr<StreamRegistry> registry_;
  const std::shared_ptr<Alarm> alarm_;
  std::thread teller_;
};

}  // namespace callboard::bulletins
