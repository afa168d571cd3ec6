#include "db/postgres/reader_pool.hpp"

#include <utility>

#include "base/error.hpp"
#include "db/postgres/transaction.hpp"

namespace callboard::db::postgres {

// One reader's place, with a connection as soon as it needs one.
struct ReaderPool::Turn {
  explicit Turn(ReaderPool& of) : pool(of), connection(of.take()) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { pool.give_back(std::move(connection)); }

  ReaderPool& pool;
  Handle connection;
};

ReaderPool::ReaderPool(Connector& connector, const Options& options)
    : connector_(connector),
      clock_(options.clock),
      limits_(options.limits),
      refused_(options.metrics.counter("callboard_database_reads_refused_total",
                                       "Reads that found no free connection in time")) {}

void ReaderPool::run(const Work& work) {
  Turn turn(*this);
  auto transaction = begin(turn.connection, connector_, Access::read, clock_);
  work(transaction);
  transaction.commit();
}

// Null: there is a place, but no connection yet.
ReaderPool::Handle ReaderPool::take() {
  std::unique_lock lock(mutex_);
  const bool free =
      returned_.wait_for(lock, limits_.reader_wait, [this] { return lent_ < limits_.readers; });
  if (!free) {
    refused_.add();
    throw Error(ErrorCode::unavailable, "the database is busy")
        .with_private("no reading connection came free in time")
        .with_retry_after(std::chrono::seconds(1));
  }
  ++lent_;
  if (idle_.empty()) return nullptr;
  Handle connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void ReaderPool::give_back(Handle connection) {
  if (connection != nullptr && connection->is_spoiled()) connection.reset();
  {
    const std::lock_guard lock(mutex_);
    --lent_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

}  // namespace callboard::db::postgres
