#pragma once

// Every call that was to send something, whatever became of it, so that a test can judge the sender
// by what it did and not by what it says. Owned by State; any thread. The oldest go first.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/request.hpp"

namespace callboard::line::sandbox {

class AttemptLog {
 public:
  // A call that has just come; the number is for answered().
  std::uint64_t begin(std::string_view endpoint, const http::Request& request, Timestamp now);
  // What became of it. `status`: what the call itself came to, before a fault spoiled the answer, 0
  // where a fault kept it from being done; `seen`: what the caller was answered, 0: nothing whole.
  void answered(std::uint64_t number, std::string_view fault, int status, int seen);

  // {"attempts":[...]}, the oldest first; only those with a higher number. An answer that would be
  // too long ends early, and says "more":true.
  std::string shown(std::uint64_t after) const;
  void clear();

 private:
  struct Attempt {
    std::uint64_t number;
    Timestamp at;
    std::string endpoint, retry_key, body_sha256;
    std::string fault;  // "ok": none
    int status = 0, seen = 0;
    bool is_answered = false;
  };

  mutable std::mutex mutex_;  // guards the two below
  std::deque<Attempt> attempts_;
  std::uint64_t next_number_ = 1;
};

}  // namespace callboard::line::sandbox
