#include "line/send_outcome.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "line/message_limits.hpp"

namespace callboard::line {
namespace {

using Kind = CallFailure::Kind;
constexpr int conflict_status = 409;
constexpr std::string_view recipient_prefix = "to[";

// "to[12]": 12.
std::optional<std::size_t> recipient_in(std::string_view property) {
  if (!property.starts_with(recipient_prefix) || !property.ends_with(']')) return std::nullopt;
  property.remove_prefix(recipient_prefix.size());
  property.remove_suffix(1);
  std::size_t position = 0;
  const char* end = property.data() + property.size();
  const auto [read, failure] = std::from_chars(property.data(), end, position);
  if (failure != std::errc{} || read != end || position >= max_recipients) return std::nullopt;
  return position;
}

std::vector<std::size_t> recipients_in(const std::vector<FailureDetail>& details) {
  std::vector<std::size_t> positions;
  for (const FailureDetail& detail : details) {
    if (const auto position = recipient_in(detail.property)) positions.push_back(*position);
  }
  std::ranges::sort(positions);
  const auto repeated = std::ranges::unique(positions);
  positions.erase(repeated.begin(), repeated.end());
  return positions;
}

outcome::Rejected rejected(CallFailure failure) {
  auto recipients = recipients_in(failure.details);
  return {failure.status, std::move(failure.message), std::move(failure.details),
          std::move(recipients)};
}

SendOutcome outcome_of(CallFailure failure) {
  switch (failure.kind) {
    case Kind::not_sent:
      return outcome::Retry{false, std::move(failure.message)};
    case Kind::unauthorized:
      return outcome::Unauthorized{std::move(failure.message)};
    case Kind::rejected:
    case Kind::not_found:
      return rejected(std::move(failure));
    case Kind::rate_limited:
      return outcome::RetryLater{failure.retry_after};
    case Kind::monthly_limit:
      return outcome::MonthlyLimit{};
    case Kind::unanswered:
    case Kind::server_error:
    case Kind::malformed:
      break;
  }
  return outcome::Retry{true, std::move(failure.message)};
}

}  // namespace

SendOutcome send_outcome_of(const http::OutgoingReply& reply) {
  auto failure = failure_of(reply);
  if (!failure)
    return outcome::Accepted{std::string(reply.header("x-line-request-id").value_or(""))};
  if (failure->status == conflict_status) {
    return outcome::AcceptedBefore{
        std::string(reply.header("x-line-accepted-request-id").value_or(""))};
  }
  return outcome_of(std::move(*failure));
}

SendOutcome without_token(const CallFailure& failure) {
  // Wrong credentials are refused as 400 invalid_client too; either way the operator must act.
  if (failure.kind == Kind::rejected || failure.kind == Kind::unauthorized) {
    return outcome::Unauthorized{failure.message};
  }
  if (failure.kind == Kind::rate_limited) return outcome::RetryLater{failure.retry_after};
  return outcome::Retry{false, failure.message};
}

std::string_view name_of(const SendOutcome& outcome) {
  constexpr std::array<std::string_view, std::variant_size_v<SendOutcome>> names = {
      "accepted",      "accepted_before", "rejected", "retry_later",
      "monthly_limit", "unauthorized",    "retry"};
  return names[outcome.index()];
}

}  // namespace callboard::line
