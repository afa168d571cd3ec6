#include "http/work_pool.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace callboard::http {

class WorkPool::Impl {
 public:
  Impl(std::size_t threads, std::size_t max_queued, Metrics& metrics, std::string name)
      : max_queued_(max_queued) {
    metrics.gauge("callboard_work_queue_length", "Tasks that wait for a thread of the work pool",
                  [queued = queued_] { return static_cast<double>(queued->load()); },
                  {{"pool", std::move(name)}});
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }

  bool submit(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || tasks_.size() >= max_queued_) return false;
      tasks_.push_back(std::move(task));
      queued_->store(tasks_.size(), std::memory_order_relaxed);
    }
    work_.notify_one();
    return true;
  }

  void stop(Queued queued) {
    std::deque<std::function<void()>> dropped;  // destroyed without the lock
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      if (queued == Queued::drop) dropped.swap(tasks_);
    }
    dropped.clear();
    work_.notify_all();
    // One caller joins; another one waits here until that is done.
    const std::lock_guard joining(join_mutex_);
    for (std::thread& thread : std::exchange(threads_, {})) thread.join();
  }

 private:
  void run() {
    while (const auto task = next()) task();
  }

  // An empty function: stopping, and nothing is left.
  std::function<void()> next() {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (tasks_.empty()) return nullptr;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    queued_->store(tasks_.size(), std::memory_order_relaxed);
    return task;
  }

  const std::size_t max_queued_;
  // Shared with the gauge, which may be read after the pool has gone.
  std::shared_ptr<std::atomic<std::size_t>> queued_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

WorkPool::WorkPool(std::size_t threads, std::size_t max_queued, Metrics& metrics, std::string name)
    : impl_(std::make_unique<Impl>(threads, max_queued, metrics, std::move(name))) {}

WorkPool::~WorkPool() {
  stop();
}

bool WorkPool::submit(std::function<void()> task) {
  return impl_->submit(std::move(task));
}

void WorkPool::stop(Queued queued) {
  impl_->stop(queued);
}

}  // namespace callboard::http
