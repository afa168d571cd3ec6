#include "db/write_queue.hpp"

#include <iterator>
#include <utility>

namespace callboard::db {

WriteQueue::WriteQueue(std::size_t most, Metrics& metrics, Counter& refused)
    : most_(most), refused_(refused), waiting_(std::make_shared<std::atomic<std::size_t>>(0)) {
  metrics.gauge("callboard_database_writes_queued", "Writes that wait for the writer",
                [waiting = waiting_] { return static_cast<double>(waiting->load()); });
}

void WriteQueue::push(WriteJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_stopped_ && jobs_.size() < most_) {
      jobs_.push_back(std::move(job));
      waiting_->store(jobs_.size());
      arrived_.notify_one();
      return;
    }
    job.error = std::make_exception_ptr(
        busy(is_stopped_ ? "the writer has stopped" : "the queue of writes is full"));
  }
  refused_.add();
  answer(job);
}

std::optional<WriteJob> WriteQueue::wait_and_take() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return is_stopped_ || !jobs_.empty(); });
  return take_locked();
}

std::optional<WriteJob> WriteQueue::take() {
  const std::lock_guard lock(mutex_);
  return take_locked();
}

std::optional<WriteJob> WriteQueue::take_locked() {
  if (jobs_.empty()) return std::nullopt;
  std::optional<WriteJob> job(std::move(jobs_.front()));
  jobs_.pop_front();
  waiting_->store(jobs_.size());
  return job;
}

std::vector<WriteJob> WriteQueue::take_all() {
  const std::lock_guard lock(mutex_);
  std::vector<WriteJob> all(std::make_move_iterator(jobs_.begin()),
                            std::make_move_iterator(jobs_.end()));
  jobs_.clear();
  waiting_->store(0);
  return all;
}

void WriteQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
  }
  arrived_.notify_all();
}

}  // namespace callboard::db
