#pragma once

// The thread that follows the change log on a connection of its own: it looks at once when another
// node says that it has written (NOTIFY), and once a second in any case; and it says so to the
// others when this node has. What is said may be lost, which costs that second and nothing else; so
// it is said outside the writers' transactions, where it would make their commits wait for one
// another. Owned by PostgresDatabase; any thread.

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
  // How soon it tries again to reach a server that is away.
  static constexpr std::chrono::milliseconds retry_period{200};

  // Called on its thread.
  struct Calls {
    std::function<void()> after_look;      // one that succeeded; must not throw
    std::function<void()> look_otherwise;  // while its own connection can't be made
  };

  Follower(Connector& connector, ChangeFeed& feed, const Clock& clock, Calls calls);
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // This node has committed changes: others should look. Never blocks.
  void tell_others();
  // Ends the thread, bounded by what one statement may take. Idempotent.
  void stop();

 private:
  void run();
  void follow();
  void look();
  void look_otherwise() noexcept;
  bool take_notifications();
  // Until something is to be done, or `time` comes.
  void wait_until(std::chrono::steady_clock::time_point time);
  void wake();

  Connector& connector_;
  ChangeFeed& feed_;
  const Clock& clock_;
  const Calls calls_;
  std::unique_ptr<Connection> connection_;             // the thread's own
  std::chrono::steady_clock::time_point next_look_{};  // the thread's own
  bool is_failing_ = false;                            // the thread's own
  std::atomic<bool> has_news_{false};
  std::atomic<bool> is_stopping_{false};
  int wake_up_;  // an eventfd
  std::once_flag stopped_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace callboard::db::postgres
