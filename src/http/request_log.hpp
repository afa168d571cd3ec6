#pragma once

// The log of requests: those that took long, or, where the operator wants it, all. It names the
// route and not the path, in which there may be what nobody should read. Any thread.

#include <chrono>
#include <optional>

#include "base/clock.hpp"
#include "http/route.hpp"

namespace callboard::http {

struct RequestLog {
  std::chrono::milliseconds slow{0};  // from here on a request is slow; 0: none is
  bool all = false;

  bool wants(std::chrono::nanoseconds duration) const {
    return all || (slow.count() != 0 && duration >= slow);
  }
};

struct RequestTimes {
  std::chrono::nanoseconds whole;                  // from the whole request to its answer
  std::optional<std::chrono::nanoseconds> queued;  // of it: waiting for a work thread
};

// `route` is null where there is none.
void log_request(const RequestLog& log, const Request& request, const Route* route, int status,
                 const RequestTimes& times);

}  // namespace callboard::http
