#include "db/postgres/follower.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>
#include <utility>

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

Follower::Follower(Connector& listening, Connector& looking, ChangeFeed& feed, const Clock& clock,
                   std::function<void()> after_look)
    : listening_(listening),
      looking_(looking),
      feed_(feed),
      clock_(clock),
      after_look_(std::move(after_look)),
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

void Follower::run() {
  while (!is_stopping_) {
    const bool has_heard = hear();
    if (is_stopping_) break;
    if (has_heard || std::chrono::steady_clock::now() >= next_look_) {
      look();
    } else {
      wait();
    }
  }
}

bool Follower::hear() noexcept {
  try {
    return listen();
  } catch (const std::exception&) {
    ear_.reset();  // the connector has said why
    next_attempt_ = std::chrono::steady_clock::now() + listen_again_after;
    return false;
  }
}

bool Follower::listen() {
  bool is_new = false;
  if (ear_ == nullptr) {
    if (std::chrono::steady_clock::now() < next_attempt_) return false;
    ear_ = listening_.connect();
    ear_->run_command(listen_statement);
    is_new = true;
  }
  if (has_news_.exchange(false)) ear_->run_command(notify_statement);
  return take_notifications() || is_new;
}

bool Follower::take_notifications() {
  PGconn* const handle = ear_->handle();
  if (PQconsumeInput(handle) == 0) throw lost_connection(PQerrorMessage(handle));
  bool found = false;
  while (const std::unique_ptr<PGnotify, Free> next{PQnotifies(handle)}) {
    found |= next->be_pid != PQbackendPID(handle);
  }
  return found;
}

// A failure is logged when it begins, not every second of it.
void Follower::look() noexcept {
  const auto now = std::chrono::steady_clock::now();
  try {
    auto transaction = begin(eye_, looking_, Access::read, clock_);
    feed_.look(transaction);
    transaction.commit();
    next_look_ = now + look_period;
    if (std::exchange(is_failing_, false)) next_attempt_ = {};  // the server is back
    after_look_();
  } catch (const std::exception& error) {
    if (!is_failing_) log::error("change_log_unreadable", {{"error", error.what()}});
    is_failing_ = true;
    next_look_ = now + retry_period;
  }
}

// Until something is to be done. What came while statements ran lies in the connection already, and
// was asked for before.
void Follower::wait() {
  std::array<pollfd, 2> waiting = {
      pollfd{wake_up_, POLLIN, 0},
      pollfd{ear_ != nullptr ? PQsocket(ear_->handle()) : -1, POLLIN, 0}};
  const Time until = ear_ != nullptr ? next_look_ : std::min(next_look_, next_attempt_);
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  ::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  std::uint64_t unused = 0;
  [[maybe_unused]] const ssize_t taken = ::read(wake_up_, &unused, sizeof unused);
}

}  // namespace callboard::db::postgres
