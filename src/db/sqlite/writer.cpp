#include "db/sqlite/writer.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/error.hpp"
#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "db/sqlite/transaction.hpp"

namespace callboard::db::sqlite {

Writer::Writer(Connection connection, const Options& options, ChangeFeed& feed)
    : connection_(std::move(connection)),
      clock_(options.clock),
      limits_(options.limits),
      feed_(feed),
      metrics_(options.metrics),
      queue_(limits_.queued_writes, options.metrics, metrics_.refused) {
  group_.reserve(limits_.group_writes);
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  std::call_once(stopped_, [this] {
    queue_.stop();
    thread_.join();
  });
}

void Writer::submit(Work work, Completion done) {
  queue_.push({std::move(work), std::move(done)});
}

void Writer::run() {
  while (auto job = queue_.wait_and_take()) run_group(std::move(*job));
}

void Writer::run_group(WriteJob first) {
  if (commit_group(std::move(first))) feed_.deliver_own(changes_);
  answer_group();
}

bool Writer::commit_group(WriteJob first) {
  group_.push_back(std::move(first));
  try {
    connection_.execute("BEGIN IMMEDIATE");
  } catch (...) {
    // All that wait fail with it, instead of each waiting in vain for the lock in turn.
    std::ranges::move(queue_.take_all(), std::back_inserter(group_));
    abandon_group(std::current_exception());
    return false;
  }
  try {
    run_members();
    const auto start = std::chrono::steady_clock::now();
    kill_point("db.before_commit");
    connection_.execute("COMMIT");
    kill_point("db.committed");
    metrics_.commit_time.observe(std::chrono::steady_clock::now() - start);
    return true;
  } catch (...) {
    abandon_group(std::current_exception());
    return false;
  }
}

void Writer::run_members() {
  const auto deadline = clock_.monotonic() + limits_.group_time;
  run_in_savepoint(group_.front());
  while (group_.size() < limits_.group_writes && clock_.monotonic() < deadline) {
    auto job = queue_.take();
    if (!job) return;
    run_in_savepoint(group_.emplace_back(std::move(*job)));
  }
}

// Throws only when the transaction around the savepoint is gone too.
void Writer::run_in_savepoint(WriteJob& job) {
  const std::size_t changes_before = changes_.size();
  connection_.execute("SAVEPOINT member");
  try {
    SqliteTransaction transaction(connection_, clock_, changes_);
    job.work(transaction);
    transaction.require_committable();
    connection_.execute("RELEASE member");
    return;
  } catch (...) {
    job.error = std::current_exception();
  }
  if (!connection_.in_transaction()) std::rethrow_exception(job.error);
  connection_.execute("ROLLBACK TO member");
  connection_.execute("RELEASE member");
  changes_.resize(changes_before);
}

// Every member fails, also one that had failed by itself: what it contradicted may be undone with
// it.
void Writer::abandon_group(std::exception_ptr cause) {
  try {
    if (connection_.in_transaction()) connection_.execute("ROLLBACK");
  } catch (const std::exception& error) {
    log::error("database_rollback_failed", {{"error", error.what()}});
  }
  const std::string why = description_of(cause);
  log::error("database_group_failed", {{"writes", group_.size()}, {"error", why}});
  for (WriteJob& job : group_) {
    job.error = std::make_exception_ptr(
        Error(ErrorCode::unavailable, "the database is not available now").with_private(why));
  }
}

void Writer::answer_group() {
  for (WriteJob& job : group_) {
    (job.error ? metrics_.failed : metrics_.committed).add();
    answer(job);
  }
  group_.clear();
  changes_.clear();
}

}  // namespace callboard::db::sqlite
