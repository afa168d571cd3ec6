#include "jobs/finisher.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <map>
#include <utility>

#include "base/kill_point.hpp"

namespace callboard::jobs {

Finisher::Finisher(db::Database& database, const Clock& clock, std::function<void()> written)
    : database_(database), clock_(clock), written_(std::move(written)) {}

void Finisher::add(Ended ended) {
  std::unique_lock lock(mutex_);
  waiting_.push_back(std::move(ended));
  begin_locked(std::move(lock));
}

bool Finisher::retry() {
  std::unique_lock lock(mutex_);
  const bool is_behind = has_failed_;
  begin_locked(std::move(lock));
  return is_behind;
}

void Finisher::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return !is_writing_; });
}

void Finisher::begin_locked(std::unique_lock<std::mutex> lock) {
  if (is_writing_ || waiting_.empty()) return;
  is_writing_ = true;
  const auto batch = std::make_shared<Batch>();
  if (waiting_.size() <= max_batch) {
    batch->swap(waiting_);
  } else {
    const auto end = waiting_.begin() + max_batch;
    batch->assign(std::move_iterator(waiting_.begin()), std::move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
  }
  lock.unlock();
  database_.write([this, batch](db::Transaction& transaction) { write(transaction, *batch); },
                  [this, batch](const std::exception_ptr& failure) { finish(batch, failure); });
}

void Finisher::write(db::Transaction& transaction, const Batch& batch) const {
  const Timestamp now = clock_.now();
  std::map<WorkerId, std::vector<std::int64_t>> completed_jobs;
  for (const Ended& ended : batch) {
    if (!ended.otherwise) completed_jobs[ended.worker].push_back(ended.job_id);
  }
  for (const auto& [worker, ids] : completed_jobs) complete(transaction, worker, ids, now);
  for (const Ended& ended : batch) {
    if (ended.otherwise) ended.otherwise(transaction);
  }
  kill_point("jobs.finish_before_commit");
}

void Finisher::finish(const std::shared_ptr<Batch>& batch, const std::exception_ptr& failure) {
  std::unique_lock lock(mutex_);
  is_writing_ = false;
  has_failed_ = failure != nullptr;
  if (failure) {
    waiting_.insert(waiting_.begin(), std::move_iterator(batch->begin()),
                    std::move_iterator(batch->end()));
    idle_.notify_all();
    return;
  }
  if (waiting_.empty()) idle_.notify_all();
  begin_locked(std::move(lock));
  kill_point("jobs.finished");
  written_();
}

}  // namespace callboard::jobs
