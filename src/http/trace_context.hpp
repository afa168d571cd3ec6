#pragma once

// W3C Trace Context (https://www.w3.org/TR/trace-context-1/): which trace a request belongs to.
// Pure but for a key of the process; any thread. Nothing is computed until somebody asks.

#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace callboard::http {

// The parts of a traceparent header, lower-case hexadecimal.
struct TraceParent {
  std::string_view trace_id;   // 32 digits, not all zero
  std::string_view parent_id;  // 16 digits, not all zero: the caller's step in the trace
  std::string_view flags;      // 2 digits
};

// Strict (§3.2.2): nothing for whatever a sender that keeps the rules does not send. Of a later
// version than ours, the parts that ours has.
std::optional<TraceParent> parse_traceparent(std::string_view text);

// What we say to those that we call on behalf of the request, and to the log: the caller's trace
// with this request as the parent, or a trace of its own. The same each time.
std::string traceparent_of(const Request& request);

}  // namespace callboard::http
