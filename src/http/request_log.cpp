#include "http/request_log.hpp"

#include <string>

#include "base/log.hpp"
#include "http/trace_context.hpp"

namespace callboard::http {
namespace {

double in_ms(std::chrono::nanoseconds duration) {
  // To the microsecond: the rest is noise to a reader.
  return static_cast<double>(std::chrono::round<std::chrono::microseconds>(duration).count()) / 1e3;
}

}  // namespace

void log_request(const RequestLog& log, const Request& request, const Route* route, int status,
                 const RequestTimes& times) {
  const bool is_slow = log.slow.count() != 0 && times.whole >= log.slow;
  const std::string name =
      route == nullptr ? "(none)" : std::string(name_of(request.method)) + " " + route->path;
  const std::string trace = traceparent_of(request);
  (is_slow ? log::warning : log::info)(
      is_slow ? "slow_request" : "request",
      {{"request_id", request.id},
       {"traceparent", trace},
       {"route", name},
       {"status", status},
       {"ms", in_ms(times.whole)},
       {"queued_ms", in_ms(times.queued.value_or(std::chrono::nanoseconds{0}))},
       {"peer", request.peer},
       {"app_id", request.caller.app_id}});
}

}  // namespace callboard::http
