#include "jobs/kind_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace callboard::jobs {
namespace {

constexpr std::string_view bucket = "begun";

}  // namespace

std::size_t KindQueue::room(MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  const std::size_t most = work_.threads + work_.prefetch;
  const std::size_t taken = running_ + waiting_.size();
  if (is_closed_ || taken >= most) return 0;
  if (!work_.rate.is_limit()) return most - taken;
  // One by one: a batch would be begun at once.
  return begun_.wait(bucket, work_.rate, now) == std::chrono::nanoseconds{0} ? 1 : 0;
}

void KindQueue::push(std::vector<TakenJob> jobs, MonotonicTime now) {
  const std::lock_guard lock(mutex_);
  if (work_.rate.is_limit()) {
    for (std::size_t i = 0; i < jobs.size(); ++i) begun_.take(bucket, work_.rate, now);
  }
  std::ranges::move(jobs, std::back_inserter(waiting_));
  arrived_.notify_all();
}

std::optional<TakenJob> KindQueue::wait_and_take() {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
  return take_locked();
}

std::optional<TakenJob> KindQueue::take() {
  const std::lock_guard lock(mutex_);
  return take_locked();
}

std::optional<TakenJob> KindQueue::take_locked() {
  if (waiting_.empty()) return std::nullopt;
  TakenJob taken = std::move(waiting_.front());
  waiting_.pop_front();
  ++running_;
  return taken;
}

bool KindQueue::is_done() {
  const std::lock_guard lock(mutex_);
  --running_;
  return waiting_.size() * 2 <= work_.prefetch;
}

void KindQueue::close() {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  waiting_.clear();
  arrived_.notify_all();
}

void KindQueue::open() {
  const std::lock_guard lock(mutex_);
  is_closed_ = false;
}

}  // namespace callboard::jobs
