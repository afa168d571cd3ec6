#include "line/sandbox/delayed_answers.hpp"

namespace callboard::line::sandbox {

DelayedAnswers::DelayedAnswers() : thread_([this] { run(); }) {}

DelayedAnswers::~DelayedAnswers() {
  stop();
  thread_.join();
}

void DelayedAnswers::give(http::Responder responder, http::Response response,
                          std::chrono::milliseconds delay) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && waiting_.size() < max_waiting) {
      waiting_.emplace(std::chrono::steady_clock::now() + delay,
                       std::pair(std::move(responder), std::move(response)));
      changed_.notify_all();
      return;
    }
  }
  responder.send(std::move(response));
}

void DelayedAnswers::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

void DelayedAnswers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_ || !waiting_.empty()) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const Time due = waiting_.begin()->first;
    if (!stopping_ && std::chrono::steady_clock::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    auto node = waiting_.extract(waiting_.begin());
    lock.unlock();
    node.mapped().first.send(std::move(node.mapped().second));
    lock.lock();
  }
}

}  // namespace callboard::line::sandbox
