#pragma once

// Answers that are given later, for calls that are to be slow or to hang: one thread for all of
// them. Owned by Sandbox; any thread. Real time.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "http/response.hpp"

namespace callboard::line::sandbox {

class DelayedAnswers {
 public:
  static constexpr std::size_t max_waiting = 5000;  // one more is given at once

  DelayedAnswers();
  ~DelayedAnswers();  // gives those that wait at once
  DelayedAnswers(const DelayedAnswers&) = delete;
  DelayedAnswers& operator=(const DelayedAnswers&) = delete;

  void give(http::Responder responder, http::Response response, std::chrono::milliseconds delay);
  // Gives all at once, and from now on each at once. Idempotent.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;

  void run();

  std::mutex mutex_;  // guards the two below
  std::multimap<Time, std::pair<http::Responder, http::Response>> waiting_;
  bool stopping_ = false;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace callboard::line::sandbox
