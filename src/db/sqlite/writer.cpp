#include "db/sqlite/writer.hpp"

#include <chrono>

#include "base/error.hpp"
#include "base/log.hpp"
#include "db/sqlite/transaction.hpp"

namespace callboard::db::sqlite {
namespace {

Error refusal(std::string_view why) {
  return Error(ErrorCode::unavailable, "the database is busy")
      .with_private(std::string(why))
      .with_retry_after(std::chrono::seconds(1));
}

std::string description_of(const std::exception_ptr& cause) {
  try {
    std::rethrow_exception(cause);
  } catch (const Error& error) {
    return error.private_detail().empty() ? error.message() : error.private_detail();
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

Counter& write_counter(Metrics& metrics, std::string outcome) {
  return metrics.counter("callboard_database_writes_total", "Writes by outcome",
                         {{"outcome", std::move(outcome)}});
}

}  // namespace

Writer::Writer(Connection connection, const Options& options, ChangeFeed& feed)
    : connection_(std::move(connection)),
      clock_(options.clock),
      limits_(options.limits),
      feed_(feed),
      committed_(write_counter(options.metrics, "committed")),
      failed_(write_counter(options.metrics, "failed")),
      refused_(write_counter(options.metrics, "refused")),
      commit_time_(options.metrics.histogram("callboard_database_commit_seconds",
                                             "How long making a group of writes durable took")),
      queued_(std::make_shared<std::atomic<std::size_t>>(0)) {
  options.metrics.gauge("callboard_database_writes_queued", "Writes that wait for the writer",
                        [queued = queued_] { return static_cast<double>(queued->load()); });
  group_.reserve(limits_.group_writes);
  thread_ = std::thread([this] { run(); });
}

void Writer::stop() {
  std::call_once(stopped_, [this] {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
  });
}

void Writer::submit(Work work, Completion done) {
  Job job{std::move(work), std::move(done)};
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && queue_.size() < limits_.queued_writes) {
      queue_.push_back(std::move(job));
      queued_->store(queue_.size());
      if (queue_.size() == 1) arrived_.notify_one();
      return;
    }
    job.error = std::make_exception_ptr(
        refusal(stopping_ ? "the writer has stopped" : "the queue of writes is full"));
  }
  refused_.add();
  answer(job);
}

void Writer::run() {
  while (wait_for_work()) run_group();
}

// False: stopped, and nothing is left.
bool Writer::wait_for_work() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  return !queue_.empty();
}

std::optional<Writer::Job> Writer::take() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  std::optional<Job> job(std::move(queue_.front()));
  queue_.pop_front();
  queued_->store(queue_.size());
  return job;
}

void Writer::run_group() {
  if (commit_group()) feed_.deliver_own(changes_);
  answer_group();
}

bool Writer::commit_group() {
  try {
    connection_.execute("BEGIN IMMEDIATE");
    run_members();
    const auto start = std::chrono::steady_clock::now();
    connection_.execute("COMMIT");
    commit_time_.observe(std::chrono::steady_clock::now() - start);
    return true;
  } catch (...) {
    abandon_group(std::current_exception());
    return false;
  }
}

void Writer::run_members() {
  const auto deadline = clock_.monotonic() + limits_.group_time;
  while (auto job = take()) {
    run_in_savepoint(group_.emplace_back(std::move(*job)));
    if (group_.size() == limits_.group_writes || clock_.monotonic() >= deadline) return;
  }
}

// Throws only when the transaction around the savepoint is gone too.
void Writer::run_in_savepoint(Job& job) {
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
  if (group_.empty()) take_all();
  const std::string why = description_of(cause);
  log::error("database_group_failed", {{"writes", group_.size()}, {"error", why}});
  for (Job& job : group_) {
    job.error = std::make_exception_ptr(
        Error(ErrorCode::unavailable, "the database is not available now").with_private(why));
  }
}

// When not even the transaction could begin, all that wait fail with it, instead of each waiting in
// vain for the lock in turn.
void Writer::take_all() {
  const std::lock_guard lock(mutex_);
  for (Job& job : queue_) group_.push_back(std::move(job));
  queue_.clear();
  queued_->store(0);
}

void Writer::answer_group() {
  for (Job& job : group_) {
    (job.error ? failed_ : committed_).add();
    answer(job);
  }
  group_.clear();
  changes_.clear();
}

void Writer::answer(Job& job) {
  if (!job.done) return;
  try {
    job.done(std::exchange(job.error, nullptr));  // whoever is answered owns it alone
  } catch (const std::exception& error) {
    log::error("write_completion_failed", {{"error", error.what()}});
  } catch (...) {
    log::error("write_completion_failed");
  }
}

}  // namespace callboard::db::sqlite
