#include "db/postgres/writers.hpp"

#include <chrono>
#include <utility>

#include "base/error.hpp"
#include "base/kill_point.hpp"

namespace callboard::db::postgres {

Writers::Writers(Connector& connector, const Options& options, ChangeFeed& feed,
                 std::function<void()> committed)
    : connector_(connector),
      clock_(options.clock),
      feed_(feed),
      committed_(std::move(committed)),
      metrics_(options.metrics),
      queue_(options.limits.queued_writes, options.metrics, metrics_.refused) {
  for (std::size_t i = 0; i < options.limits.writers; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

void Writers::stop() {
  std::call_once(stopped_, [this] {
    queue_.stop();
    for (std::thread& thread : threads_) thread.join();
  });
}

void Writers::submit(Work work, Completion done) {
  queue_.push({std::move(work), std::move(done)});
}

void Writers::run() {
  Desk desk;
  while (auto job = queue_.wait_and_take()) {
    desk.changes.clear();
    try {
      write(desk, *job);
      metrics_.committed.add();
    } catch (...) {
      job->error = std::current_exception();
      metrics_.failed.add();
    }
    answer(*job);
  }
}

void Writers::write(Desk& desk, WriteJob& job) {
  auto transaction = begin(desk.connection, connector_, Access::write, clock_, &desk.changes);
  job.work(transaction);
  feed_.expect(desk.changes);
  try {
    commit(transaction);
  } catch (...) {
    feed_.forget(desk.changes);
    // A connection that was lost at the commit leaves open whether it happened, or still will: what
    // may have changed is told now, and by the log again when it shows there.
    if (desk.connection->is_lost()) feed_.deliver_own(desk.changes);
    throw;
  }
  feed_.deliver_own(desk.changes);
  if (!desk.changes.empty()) committed_();
}

void Writers::commit(PostgresTransaction& transaction) {
  const auto start = std::chrono::steady_clock::now();
  kill_point("db.before_commit");
  transaction.commit();
  kill_point("db.committed");
  metrics_.commit_time.observe(std::chrono::steady_clock::now() - start);
}

}  // namespace callboard::db::postgres
