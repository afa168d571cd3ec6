#include "bulletins/board_streams.hpp"

#include <utility>

#include "base/error.hpp"

namespace callboard::bulletins {

using http::Access;
using http::Method;
using http::Surface;

http::Routes BoardStreams::table() {
  http::Handler handler;
  handler.from_memory = [this](const http::Request& request, http::Response& response) {
    return answer_from_memory(request, response);
  };
  handler.work = [this](const http::Request& request, http::Responder responder) {
    answer_blocking(request, std::move(responder));
  };
  return {{Method::get, "/bp/stream", Access::client, Surface::app, handler}};
}

// Wakes the teller when there may be somebody to tell.
struct BoardStreams::Alarm {
  void ring() {
    {
      const std::lock_guard lock(mutex);
      rung = true;
    }
    bell.notify_one();
  }
  void stop() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    bell.notify_one();
  }
  // Until it rings or, where there is one, the time is over. False: the end.
  bool wait(std::optional<std::chrono::milliseconds> limit) {
    std::unique_lock lock(mutex);
    const auto woken = [this] { return rung || stopping; };
    if (limit) {
      bell.wait_for(lock, *limit, woken);
    } else {
      bell.wait(lock, woken);
    }
    rung = false;
    return !stopping;
  }

  std::mutex mutex;
  std::condition_variable bell;
  bool rung = false;      // guarded by mutex
  bool stopping = false;  // guarded by mutex
};

namespace {

// Whether it says that users have other values now, from which their boards follow.
bool is_of_users(const db::Change& change) {
  return change.kind == "attributes" || change.kind == audience::provided_change;
}

void follow(StreamRegistry& registry, const db::Change& change, MonotonicTime now) {
  if (change.kind.empty() || (change.kind == "revocation" && change.key.empty())) {
    registry.end_all(now);
  } else if (change.kind == "revocation") {
    registry.end_session(change.app_id, change.key);
  } else if (change.kind == "keys") {
    registry.end_app(change.app_id, now);
  } else if (change.kind == "app" || (is_of_users(change) && change.key.empty())) {
    registry.board_changed(change.app_id, now);
  } else if (is_of_users(change)) {
    registry.user_changed(change.app_id, change.key, now);
  }
}

}  // namespace

BoardStreams::BoardStreams(db::Database& database, Boards& boards, Revoked is_revoked,
                           const Clock& clock, StreamLimits limits)
    : boards_(boards),
      is_revoked_(std::move(is_revoked)),
      clock_(clock),
      registry_(std::make_shared<StreamRegistry>(limits)),
      alarm_(std::make_shared<Alarm>()) {
  database.on_change([registry = registry_, alarm = alarm_, &clock](const db::Change& change) {
    follow(*registry, change, clock.monotonic());
    alarm->ring();
  });
  boards.on_new_board([registry = registry_, alarm = alarm_, &clock](const std::string& app_id) {
    registry->board_changed(app_id, clock.monotonic());
    alarm->ring();
  });
}

BoardStreams::~BoardStreams() {
  alarm_->stop();
  if (teller_.joinable()) teller_.join();
}

void BoardStreams::start() {
  if (!teller_.joinable()) teller_ = std::thread([this] { run(); });
}

void BoardStreams::run() {
  while (alarm_->wait(tell_due())) {
  }
}

std::optional<std::chrono::milliseconds> BoardStreams::tell_due() {
  const Timestamp wall = clock_.now();
  return registry_->tell_due(
      clock_.monotonic(), wall,
      [&](std::string_view app_id) -> std::optional<StreamRegistry::BoardState> {
        const Board* board = boards_.current(app_id);
        if (board == nullptr) return std::nullopt;
        return StreamRegistry::BoardState{board->revision(), board->next_edge_after(wall)};
      });
}

std::size_t BoardStreams::open_streams() const {
  return registry_->size();
}

bool BoardStreams::answer_from_memory(const http::Request& request, http::Response& response) {
  if (boards_.current(request.caller.app_id) == nullptr) return false;
  if (request.method == Method::head) {
    response.stream_events(std::make_shared<http::EventStream>());
    return true;
  }
  const http::Caller& caller = request.caller;
  const bool is_endless = caller.expires == Timestamp::max();
  const auto stream = registry_->open(
      {std::string(caller.app_id), std::string(caller.user_id), std::string(caller.session),
       std::string(request.peer)},
      is_endless ? MonotonicTime::max() : clock_.monotonic() + (caller.expires - clock_.now()));
  // Only now, as a revocation or a board that comes after this is told to the stream.
  if (is_revoked_(caller.session)) {
    throw Error(ErrorCode::unauthenticated, "jwt token is invalid");
  }
  send_board(*stream, boards_.current(request.caller.app_id)->revision());
  response.stream_events(stream);
  alarm_->ring();
  return true;
}

void BoardStreams::answer_blocking(const http::Request& request, http::Responder responder) {
  boards_.get(request.caller.app_id);
  http::Response response;
  answer_from_memory(request, response);
  responder.send(std::move(response));
}

}  // namespace callboard::bulletins
