#pragma once

// The thread that follows the change log: it looks at once when another node says that it has
// written (NOTIFY), and once a second in any case; and it says so to the others when this node has.
// What is said may be lost, which costs that second and nothing else; so it is said outside the
// writers' transactions, where it would make their commits wait for one another. It hears and
// speaks on one connection, and looks by another, which takes the way of the readers: while the one
// can't be made, the other goes on. Owned by PostgresDatabase; any thread.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.hpp"
#include "db/postgres/change_feed.hpp"
#include "db/postgres/connector.hpp"

namespace callboard::db::postgres {

class Follower {
 public:
  // A real bound on how stale a node may be.
  static constexpr std::chrono::milliseconds look_period{1'000};
  // How soon it tries again to listen. An attempt, or a word on a connection that has gone silent,
  // may delay a look by what the listening connector's limits allow.
  static constexpr std::chrono::seconds listen_again_after{5};
  // How soon it tries again to reach a server that is away.
  static constexpr std::chrono::milliseconds retry_period{200};

  // `listening` leads to the server itself, `looking` where the readers go. `after_look` is called
  // on the thread after each look that succeeded; it must not throw.
  Follower(Connector& listening, Connector& looking, ChangeFeed& feed, const Clock& clock,
           std::function<void()> after_look);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // This node has committed changes: others should look. Never blocks.
  void tell_others();
  // Ends the thread, bounded by what one statement may take. Idempotent.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void run();
  // Whether it is time to look, since another node has written or may have meanwhile.
  bool hear() noexcept;
  bool listen();
  bool take_notifications();
  void look() noexcept;
  void wait();
  void wake();

  Connector& listening_;
  Connector& looking_;
  ChangeFeed& feed_;
  const Clock& clock_;
  const std::function<void()> after_look_;
  // The thread's own:
  std::unique_ptr<Connection> ear_;  // null: can't be made now
  std::unique_ptr<Connection> eye_;
  Time next_attempt_{};
  Time next_look_{};
  bool is_failing_ = false;

  std::atomic<bool> has_news_{false};
  std::atomic<bool> is_stopping_{false};
  int wake_up_;  // an eventfd
  std::once_flag stopped_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace callboard::db::postgres
