#pragma once

// The one thread that writes. It takes queued works, runs each in a savepoint of one transaction,
// commits once, delivers the changes, then answers all: the price of making a commit durable is
// shared by everyone who waits. Owned by SqliteDatabase; submit() from any thread.

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "db/open.hpp"
#include "db/sqlite/change_feed.hpp"
#include "db/sqlite/connection.hpp"
#include "db/write_queue.hpp"

namespace callboard::db::sqlite {

class Writer {
 public:
  Writer(Connection connection, const Options& options, ChangeFeed& feed);
  ~Writer() { stop(); }

  void submit(Work work, Completion done);
  // Finishes what is queued; later works are refused. Idempotent.
  void stop();

 private:
  void run();
  void run_group(WriteJob first);
  bool commit_group(WriteJob first);
  void run_members();
  void run_in_savepoint(WriteJob& job);
  void abandon_group(std::exception_ptr cause);
  void answer_group();

  Connection connection_;
  const Clock& clock_;
  const Limits limits_;
  ChangeFeed& feed_;
  WriteMetrics metrics_;
  WriteQueue queue_;

  // The writer thread's own.
  std::vector<WriteJob> group_;
  std::vector<Change> changes_;

  std::once_flag stopped_;
  std::thread thread_;  // last: it uses everything above
};

}  // namespace callboard::db::sqlite
