#pragma once

// Names for requests, for logs and the answer's X-Request-ID: unique, cheap, and not a secret.

#include <cstdint>
#include <string>
#include <string_view>

namespace callboard::http {

inline constexpr std::size_t max_request_id_bytes = 64;

// Whether a client's own id may be used: 1-64 of [A-Za-z0-9_.-].
bool is_request_id(std::string_view text);

// One for each I/O thread.
class RequestIds {
 public:
  RequestIds();
  // Replaces `out`: a prefix, random for each thread, and a number.
  void next(std::string& out);

 private:
  std::string prefix_;
  std::uint64_t count_ = 0;
};

}  // namespace callboard::http
