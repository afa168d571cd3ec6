#include "identity/rate_limits.hpp"

#include <utility>

namespace callboard::identity {
namespace {

bool is_read(const http::Route& route) {
  return route.only_reads || route.access == http::Access::viewer || http::is_safe(route);
}

// "user_writes demo alice"; ids hold no space.
std::string key_of(std::string_view kind, std::string_view app_id, std::string_view who) {
  std::string key;
  key.reserve(kind.size() + app_id.size() + who.size() + 2);
  return key.append(kind).append(" ").append(app_id).append(" ").append(who);
}

// A client without a user is known by its address.
std::string_view user_of(const http::Request& request) {
  return request.caller.user_id.empty() ? request.peer : request.caller.user_id;
}

}  // namespace

LimitedGate::Limit::Limit(Metrics& metrics, std::string name, std::uint32_t count)
    : kind(std::move(name)),
      rate{.count = count},
      refused(metrics.counter("callboard_rate_limited_total",
                              "Requests that came too soon after others, by limit",
                              {{"limit", kind}})) {}

LimitedGate::LimitedGate(http::Gate& gate, RateLimits limits, const Clock& clock, Metrics& metrics,
                         OwnLimits own_limits)
    : gate_(gate),
      clock_(clock),
      own_limits_(std::move(own_limits)),
      address_(metrics, "address", limits.requests_per_address),
      user_reads_(metrics, "user_reads", limits.reads_per_user),
      app_reads_(metrics, "app_reads", limits.reads_per_app),
      user_writes_(metrics, "user_writes", limits.writes_per_user),
      app_writes_(metrics, "app_writes", limits.writes_per_app),
      operator_writes_(metrics, "operator_writes", limits.writes_per_operator) {}

bool LimitedGate::admit_from_memory(const http::Route& route, http::Request& request) {
  if (route.surface != http::Surface::plain) {
    require(address_, &TokenBuckets::take, "", request.peer);
  }
  const bool admitted = gate_.admit_from_memory(route, request);
  // A caller who is known but has yet to pay with a nonce or a look at the database is turned away
  // here, where it is cheap, and charged on the work path.
  limit_caller(route, request, admitted ? &TokenBuckets::take : &TokenBuckets::wait, false);
  return admitted;
}

void LimitedGate::admit_blocking(const http::Route& route, http::Request& request) {
  gate_.admit_blocking(route, request);
  limit_caller(route, request, &TokenBuckets::take, true);
}

bool LimitedGate::allows_origin(const http::Request& request, std::string_view origin) {
  return gate_.allows_origin(request, origin);
}

void LimitedGate::limit_caller(const http::Route& route, const http::Request& request, Ask ask,
                               bool may_block) {
  const http::Caller& caller = request.caller;
  if (route.access >= http::Access::viewer || !caller.workspace_id.empty()) {
    if (!is_read(route)) require(operator_writes_, ask, "", caller.actor);
    return;
  }
  if (caller.app_id.empty()) return;
  // A backend that proves itself on a route for several has a name for the audit log.
  const bool by_user = route.access != http::Access::backend && caller.actor.empty();
  if (!is_read(route)) return limit_writes(request, by_user, ask, may_block);
  // The user first: one who asks too much does not use up what the others share.
  if (by_user) require(user_reads_, ask, caller.app_id, user_of(request));
  require(app_reads_, ask, caller.app_id, "");
}

void LimitedGate::limit_writes(const http::Request& request, bool by_user, Ask ask,
                               bool may_block) {
  const std::string_view app_id = request.caller.app_id;
  std::optional<audience::AppRateLimits> known = audience::AppRateLimits{};
  if (own_limits_) known = own_limits_(app_id, may_block);
  if (!known && ask == &TokenBuckets::wait) return;  // the work path knows and decides
  const audience::AppRateLimits own = known.value_or(audience::AppRateLimits{});
  if (by_user) require(user_writes_, ask, app_id, user_of(request), own.writes_per_user);
  require(app_writes_, ask, app_id, "", own.writes_per_app);
}

void LimitedGate::require(Limit& limit, Ask ask, std::string_view app_id, std::string_view who,
                          std::optional<std::uint32_t> own_count) {
  const Rate rate = own_count ? Rate{.count = *own_count} : limit.rate;
  if (!rate.is_limit()) return;
  const auto wait = (buckets_.*ask)(key_of(limit.kind, app_id, who), rate, clock_.monotonic());
  if (wait == std::chrono::nanoseconds{0}) return;
  limit.refused.add();
  throw too_many_requests(wait);
}

}  // namespace callboard::identity
