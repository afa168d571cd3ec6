#pragma once

// The boards of all applications in memory. Owned by app/; outlives the routes.
//
// - current() is for I/O threads: no lock in the steady state, an atomic comparison only.
// - One loader thread reads and compiles; however many ask for a cold board, it is loaded once.
// - A write in this process wakes the loader at once; a write elsewhere does through the change
//   log; and one small query a second compares all revisions, in case an announcement was missed.
// - A reload that fails leaves the last good board in place, is logged, counted and listed by
//   failures(), and is tried again a second later.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "bulletins/board.hpp"
#include "db/database.hpp"

namespace callboard::bulletins {

class Boards {
 public:
  // Subscribes to the database's changes: construct before Database::start_following().
  Boards(db::Database& database, const audience::DataProviders& providers, Metrics& metrics);
  ~Boards();
  Boards(const Boards&) = delete;
  Boards& operator=(const Boards&) = delete;

  // Null: not loaded yet. The pointer is good until the calling thread calls current() again.
  const Board* current(std::string_view app_id);
  // Loads if need be and waits; throws Error{unavailable} if that fails.
  std::shared_ptr<const Board> get(std::string_view app_id);

  // Calls `done(true)` once the board has at least that revision, on the loader thread or at once;
  // `done(false)` if a reload failed first, or on shutdown. `done` must not block or throw.
  using Reached = std::function<void(bool)>;
  void when_at_least(std::string_view app_id, std::int64_t revision, Reached done);

  // Called with the application of each new board, once readers have it, on the loader thread,
  // which it must not block. Before the first board is asked for. What it refers to outlives this.
  void on_new_board(std::function<void(const std::string& app_id)> subscriber);

  // How often what is on the boards has been served.
  ServedCounts& served() { return served_; }

  // Applications whose last reload failed, with the reason, for /readyz.
  std::vector<std::pair<std::string, std::string>> failures() const;

 private:
  struct Slot;
  struct LocalBoards;

  std::shared_ptr<Slot> slot_of(std::string_view app_id);
  std::shared_ptr<Slot> find_slot(std::string_view app_id) const;
  void request_reload(const std::string& app_id);
  void request_rebinding(const std::string& app_id);
  void request_reload_of_all();
  void run();
  void compare_revisions();
  void reload(Slot& slot);
  void publish(Slot& slot, std::shared_ptr<const Board> board);
  void report_failure(Slot& slot, const std::string& why);
  static void turn_away_waiters(Slot& slot);

  db::Database& database_;
  const audience::DataProviders& providers_;
  ServedCounts served_;
  Counter& reloads_;
  Counter& failed_reloads_;
  Counter& bad_rows_;
  const std::uint64_t id_;  // tells this object's thread-local copies from another's

  mutable std::shared_mutex slots_mutex_;
  std::map<std::string, std::shared_ptr<Slot>, std::less<>> slots_;  // guarded by slots_mutex_

  std::mutex queue_mutex_;
  std::condition_variable wake_;
  std::set<std::string> queue_;  // guarded by queue_mutex_
  bool stopping_ = false;        // guarded by queue_mutex_
  std::vector<std::function<void(const std::string&)>> subscribers_;
  std::thread loader_;
};

}  // namespace callboard::bulletins
