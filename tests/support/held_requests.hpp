#pragma once

// A route whose requests wait for the test to answer them: GET /held.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "http/route.hpp"

namespace callboard::test {

class HeldRequests {
 public:
  http::Route route() {
    return {http::Method::get, "/held", http::Access::anyone, http::Surface::app,
            http::deferred([this](const http::Request&, http::Responder responder) {
              const std::lock_guard lock(mutex_);
              held_.push_back(std::move(responder));
              arrived_.notify_one();
            })};
  }

  // Waits for the next request.
  http::Responder take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !held_.empty(); });
    http::Responder responder = std::move(held_.front());
    held_.pop_front();
    return responder;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<http::Responder> held_;
};

}  // namespace callboard::test
