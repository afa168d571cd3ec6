#pragma once

// Where the time and the memory go, for `pprof`: GET /debug/pprof/profile?seconds= and /heap. Both
// are read by `pprof` beside the program's binary. For owners alone; one profile at a time.
//
// Owned by app/; must outlive the server; any thread.

#include <condition_variable>
#include <mutex>
#include <thread>

#include "http/route.hpp"

namespace callboard::app {

class Profiler {
 public:
  static constexpr std::chrono::seconds default_duration{10}, max_duration{60};

  Profiler() = default;
  ~Profiler() { stop(); }
  Profiler(const Profiler&) = delete;
  Profiler& operator=(const Profiler&) = delete;

  http::Routes table();
  // A profile that is being taken ends now and is answered. Before the server drains; idempotent.
  void stop();

 private:
  void take_profile(const http::Request& request, http::Responder responder);
  std::string profile_for(std::chrono::seconds duration);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool is_taking_ = false;
  std::thread thread_;
};

}  // namespace callboard::app
