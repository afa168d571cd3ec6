#pragma once

// How often one caller may call: a token bucket for each address, user, application and operator.
// Addresses are asked before the gate, everybody else once the gate knows them. What has no limit
// costs nothing.
//
// Owned by app/; any thread; everything passed in outlives it.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/token_buckets.hpp"
#include "http/route.hpp"

namespace callboard::identity {

// Requests a second, and as many at once; 0: no limit. A user is of an application; a client
// without a user is known by its address. The server's health and figures are not limited.
struct RateLimits {
  static constexpr std::uint32_t max = 1'000'000;

  std::uint32_t requests_per_address = 0;
  std::uint32_t reads_per_user = 0;
  std::uint32_t reads_per_app = 0;
  std::uint32_t writes_per_user = 50;
  std::uint32_t writes_per_app = 500;
  std::uint32_t writes_per_operator = 500;  // by API token or member
};

// The door in front of another one. Throws Error{too_many} with a time to wait.
class LimitedGate final : public http::Gate {
 public:
  // What an application's own settings say of writes. Nothing: they are not in memory, and it may
  // not block.
  using OwnLimits = std::function<std::optional<audience::AppRateLimits>(std::string_view app_id,
                                                                         bool may_block)>;

  LimitedGate(http::Gate& gate, RateLimits limits, const Clock& clock, Metrics& metrics,
              OwnLimits own_limits = {});

  bool admit_from_memory(const http::Route& route, http::Request& request) override;
  void admit_blocking(const http::Route& route, http::Request& request) override;
  bool allows_origin(const http::Request& request, std::string_view origin) override;

 private:
  using Ask = std::chrono::nanoseconds (TokenBuckets::*)(std::string_view, const Rate&,
                                                         MonotonicTime);
  struct Limit {
    Limit(Metrics& metrics, std::string kind, std::uint32_t count);
    std::string kind;  // "user_writes": of keys and of the metric
    Rate rate;
    Counter& refused;
  };

  void limit_caller(const http::Route& route, const http::Request& request, Ask ask,
                    bool may_block);
  void limit_writes(const http::Request& request, bool by_user, Ask ask, bool may_block);
  void require(Limit& limit, Ask ask, std::string_view app_id, std::string_view who,
               std::optional<std::uint32_t> own_count = {});

  http::Gate& gate_;
  const Clock& clock_;
  const OwnLimits own_limits_;
  TokenBuckets buckets_;
  Limit address_, user_reads_, app_reads_, user_writes_, app_writes_, operator_writes_;
};

}  // namespace callboard::identity
