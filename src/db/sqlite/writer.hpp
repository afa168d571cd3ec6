#pragma once

// The one thread that writes. It takes queued works, runs each in a savepoint of one transaction,
// commits once, delivers the changes, then answers all: the price of making a commit durable is
// shared by everyone who waits. Owned by SqliteDatabase; submit() from any thread.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/metrics.hpp"
#include "db/open.hpp"
#include "db/sqlite/change_feed.hpp"
#include "db/sqlite/connection.hpp"

namespace callboard::db::sqlite {

class Writer {
 public:
  Writer(Connection connection, const Options& options, ChangeFeed& feed);
  ~Writer() { stop(); }

  void submit(Work work, Completion done);
  // Finishes what is queued; later works are refused. Idempotent.
  void stop();

 private:
  struct Job {
    Work work;
    Completion done;
    std::exception_ptr error = nullptr;
  };

  void run();
  bool wait_for_work();
  std::optional<Job> take();
  void take_all();
  void run_group();
  bool commit_group();
  void run_members();
  void run_in_savepoint(Job& job);
  void abandon_group(std::exception_ptr cause);
  void answer_group();
  static void answer(Job& job);

  Connection connection_;
  const Clock& clock_;
  const Limits limits_;
  ChangeFeed& feed_;
  Counter& committed_;
  Counter& failed_;
  Counter& refused_;
  Histogram& commit_time_;
  // Shared with the gauge, which may outlive this.
  const std::shared_ptr<std::atomic<std::size_t>> queued_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Job> queue_;  // at most limits_.queued_writes
  bool stopping_ = false;

  // The writer thread's own.
  std::vector<Job> group_;
  std::vector<Change> changes_;

  std::once_flag stopped_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace callboard::db::sqlite
