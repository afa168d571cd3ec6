#pragma once

// Turns a Response into bytes at the end of a connection's output buffer. Pure but for DateLine,
// of which each I/O thread has its own.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/response.hpp"

namespace callboard::http {

inline constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

struct ResponseContext {
  std::string_view date_line;  // with its CRLF
  std::string_view request_id;
  std::string_view allowed_origin = {};  // whose pages may read the answer; empty: nobody's
  bool head_only = false;                // the answer to HEAD
  bool without_length = false;           // the body is whatever follows until the end
  bool close = false;                    // the connection ends with this answer
  bool http_1_0 = false;                 // ... which has to be told if it does not
};

void append_response(std::string& out, const Response& response, const ResponseContext& context);

// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", made once a second.
class DateLine {
 public:
  explicit DateLine(const Clock& clock) : clock_(clock) {}
  // `now` is the monotonic time, which the caller has at hand.
  std::string_view at(MonotonicTime now);

 private:
  const Clock& clock_;
  MonotonicTime stale_at_ = MonotonicTime::min();
  std::string line_;
};

}  // namespace callboard::http
