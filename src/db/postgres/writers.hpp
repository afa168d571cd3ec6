#pragma once

// The threads that write, each on a connection of its own, each write in a transaction of its own:
// PostgreSQL lets those that commit at the same time share one flush of its log. Owned by
// PostgresDatabase; submit() from any thread.

#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "db/open.hpp"
#include "db/postgres/change_feed.hpp"
#include "db/postgres/connector.hpp"
#include "db/postgres/transaction.hpp"
#include "db/write_queue.hpp"

namespace callboard::db::postgres {

class Writers {
 public:
  // `committed` is called after each commit that announced something, on a writer's thread.
  Writers(Connector& connector, const Options& options, ChangeFeed& feed,
          std::function<void()> committed);
  ~Writers() { stop(); }

  void submit(Work work, Completion done);
  // Finishes what is queued; later works are refused. Idempotent.
  void stop();

 private:
  // What one thread writes with.
  struct Desk {
    std::unique_ptr<Connection> connection;
    std::vector<Change> changes;  // of the write under way
  };
  void run();
  void write(Desk& desk, WriteJob& job);
  void commit(PostgresTransaction& transaction);

  Connector& connector_;
  const Clock& clock_;
  ChangeFeed& feed_;
  const std::function<void()> committed_;
  WriteMetrics metrics_;
  WriteQueue queue_;
  std::once_flag stopped_;
  std::vector<std::thread> threads_;  // last: they use everything above
};

}  // namespace callboard::db::postgres
