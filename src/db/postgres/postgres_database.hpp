#pragma once

// PostgreSQL behind the seam: pooled readers, several writers, the change log that every node
// follows. The schema is up to date before this is made (db::open). Any thread.

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "db/change_pruner.hpp"
#include "db/database.hpp"
#include "db/open.hpp"
#include "db/postgres/change_feed.hpp"
#include "db/postgres/connector.hpp"
#include "db/postgres/follower.hpp"
#include "db/postgres/reader_pool.hpp"
#include "db/postgres/writers.hpp"

namespace callboard::db::postgres {

class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const Options& options);
  ~PostgresDatabase() override;

  void read(const Work& work) override;
  void write(Work work, Completion done) override;
  void on_change(std::function<void(const Change&)> subscriber) override;
  void start_following() override;
  void poll_changes() override;
  void stop() override;
  void check() override;
  bool is_shared() const override { return true; }

 private:
  void tell_others();

  const Clock& clock_;
  const int schema_version_;
  Connector direct_connector_;  // of the follower, which listens
  Connector connector_;
  ReaderPool readers_;
  ChangeFeed feed_;
  ChangePruner pruner_;
  std::mutex mutex_;
  bool stopped_ = false;
  std::atomic<Follower*> teller_{nullptr};
  std::optional<Follower> follower_;
  Writers writers_;  // last: their threads use everything above
};

}  // namespace callboard::db::postgres
