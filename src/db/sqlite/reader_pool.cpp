#include "db/sqlite/reader_pool.hpp"

#include "base/error.hpp"
#include "db/sqlite/transaction.hpp"

namespace callboard::db::sqlite {

ReaderPool::ReaderPool(std::filesystem::path path, const Options& options)
    : path_(std::move(path)),
      clock_(options.clock),
      limits_(options.limits),
      refused_(options.metrics.counter("callboard_database_reads_refused_total",
                                       "Reads that found no free connection in time")) {}

void ReaderPool::run(const Work& work) {
  Handle connection = take();
  try {
    run_on(*connection, work);
  } catch (...) {
    give_back(std::move(connection));
    throw;
  }
  give_back(std::move(connection));
}

void ReaderPool::run_on(Connection& connection, const Work& work) {
  std::vector<Change> announced;
  connection.execute("BEGIN");
  SqliteTransaction transaction(connection, clock_, announced);
  try {
    work(transaction);
    connection.execute("COMMIT");
  } catch (...) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    throw;
  }
}

ReaderPool::Handle ReaderPool::take() {
  std::unique_lock lock(mutex_);
  const bool free = returned_.wait_for(
      lock, limits_.reader_wait, [this] { return !idle_.empty() || open_ < limits_.readers; });
  if (!free) {
    refused_.add();
    throw Error(ErrorCode::unavailable, "the database is busy")
        .with_private("no reading connection came free in time")
        .with_retry_after(std::chrono::seconds(1));
  }
  if (!idle_.empty()) {
    Handle connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  ++open_;
  lock.unlock();
  try {
    return std::make_unique<Connection>(path_, Access::read, limits_.busy_timeout);
  } catch (...) {
    give_back(nullptr);
    throw;
  }
}

// Null: there is none to give back, only its place.
void ReaderPool::give_back(Handle connection) {
  {
    const std::lock_guard lock(mutex_);
    if (connection != nullptr)
      idle_.push_back(std::move(connection));
    else
      --open_;
  }
  returned_.notify_one();
}

}  // namespace callboard::db::sqlite
