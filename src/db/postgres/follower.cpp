#include "db/postgres/follower.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>

#include "base/error.hpp"
#include "base/log.hpp"
#include "db/postgres/error.hpp"
#include "db/postgres/transaction.hpp"

namespace callboard::db::postgres {
namespace {

constexpr auto listen_statement = "LISTEN callboard_changes";
constexpr auto notify_statement = "NOTIFY callboard_changes";

struct Free {
  void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

int make_wake_up() {
  const int file = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (file < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return file;
}

}  // namespace

Follower::Follower(Connector& connector, ChangeFeed& feed, const Clock& clock, Calls calls)
    : connector_(connector),
      feed_(feed),
      clock_(clock),
      calls_(std::move(calls)),
      wake_up_(make_wake_up()),
      thread_([this] { run(); }) {}

Follower::~Follower() {
  stop();
  ::close(wake_up_);
}

void Follower::stop() {
  std::call_once(stopped_, [this] {
    is_stopping_ = true;
    wake();
    thread_.join();
  });
}

void Follower::tell_others() {
  if (!has_news_.exchange(true)) wake();
}

void Follower::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_up_, &one, sizeof one);
}

// A failure is logged when it begins, not every second of it.
void Follower::run() {
  while (!is_stopping_) {
    try {
      follow();
    } catch (const std::exception& error) {
      if (!is_failing_) log::error("change_log_unreadable", {{"error", error.what()}});
      is_failing_ = true;
      connection_.reset();
      if (!is_stopping_ && std::chrono::steady_clock::now() >= next_look_) look_otherwise();
      if (!is_stopping_) wait_until(std::chrono::steady_clock::now() + retry_period);
    }
  }
}

// What comes while statements run lies in the connection already, so it is asked for again before
// waiting for the socket.
void Follower::follow() {
  connection_ = connector_.connect();
  connection_->run_command(listen_statement);
  look();
  while (!is_stopping_) {
    if (has_news_.exchange(false)) connection_->run_command(notify_statement);
    if (take_notifications() || std::chrono::steady_clock::now() >= next_look_) {
      look();
    } else {
      wait_until(next_look_);
    }
  }
}

void Follower::look() {
  {
    PostgresTransaction transaction(*connection_, Access::read, clock_);
    feed_.look(transaction);
    transaction.commit();
  }
  next_look_ = std::chrono::steady_clock::now() + look_period;
  is_failing_ = false;
  calls_.after_look();
}

// The readers may have connections, or another way to the server, where this has none.
void Follower::look_otherwise() noexcept {
  next_look_ = std::chrono::steady_clock::now() + look_period;
  try {
    calls_.look_otherwise();
    calls_.after_look();
  } catch (const std::exception&) {
    // It has been logged that the log can't be read.
  }
}

void Follower::wait_until(std::chrono::steady_clock::time_point time) {
  std::array<pollfd, 2> waiting = {
      pollfd{wake_up_, POLLIN, 0},
      pollfd{connection_ != nullptr ? PQsocket(connection_->handle()) : -1, POLLIN, 0}};
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(time - std::chrono::steady_clock::now());
  ::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  std::uint64_t unused = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wake_up_, &unused, sizeof unused);
}

// Whether another node has said something.
bool Follower::take_notifications() {
  PGconn* const handle = connection_->handle();
  if (PQconsumeInput(handle) == 0) throw lost_connection(PQerrorMessage(handle));
  bool found = false;
  while (const std::unique_ptr<PGnotify, Free> next{PQnotifies(handle)}) {
    found |= next->be_pid != PQbackendPID(handle);
  }
  return found;
}

}  // namespace callboard::db::postgres
