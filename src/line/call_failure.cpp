#include "line/call_failure.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/json.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;
using Kind = CallFailure::Kind;
using http::OutgoingOutcome;

// LINE answers 429 for two reasons, and only words tell them apart.
constexpr std::string_view monthly_words = "monthly limit";
constexpr std::chrono::seconds max_retry_after{3600};

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return {};
  std::string text(value->get_string());
  if (text.size() <= max_failure_text_bytes) return text;
  text.resize(max_failure_text_bytes);
  while (!text.empty() && !is_valid_utf8(text)) text.pop_back();
  return text;
}

std::optional<json::object> object_of(const std::string& body) {
  try {
    json::value value = parse_json(body);
    if (value.is_object()) return std::move(value.get_object());
  } catch (const Error&) {
  }
  return std::nullopt;
}

std::vector<FailureDetail> details_of(const json::object& body) {
  std::vector<FailureDetail> details;
  const json::value* given = body.if_contains("details");
  if (given == nullptr || !given->is_array()) return details;
  for (const json::value& each : given->get_array()) {
    if (details.size() == max_failure_details) break;
    if (!each.is_object()) continue;
    details.push_back(
        {text_at(each.get_object(), "property"), text_at(each.get_object(), "message")});
  }
  return details;
}

// `message` of the Messaging API, `error_description` and `error` of LINE Login (RFC 6749 §5.2).
std::string message_of(const json::object& body) {
  for (const char* name : {"message", "error_description", "error"}) {
    if (std::string text = text_at(body, name); !text.empty()) return text;
  }
  return {};
}

// Whole seconds; the other form, a date, LINE does not send.
std::optional<std::chrono::seconds> retry_after_of(const http::OutgoingReply& reply) {
  const auto text = reply.header("Retry-After");
  std::int64_t seconds = 0;
  if (!text) return std::nullopt;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (failure != std::errc{} || end != text->data() + text->size() || seconds < 0) {
    return std::nullopt;
  }
  return std::min(std::chrono::seconds{seconds}, max_retry_after);
}

Kind kind_of(int status, std::string_view message) {
  if (status == 401) return Kind::unauthorized;
  if (status == 404) return Kind::not_found;
  if (status == 429) {
    return message.find(monthly_words) == message.npos ? Kind::rate_limited : Kind::monthly_limit;
  }
  if (status >= 500) return Kind::server_error;
  return status >= 400 ? Kind::rejected : Kind::malformed;
}

CallFailure without_answer(OutgoingOutcome outcome) {
  switch (outcome) {
    case OutgoingOutcome::refused:
      return {Kind::not_sent, 0,
              "the address is none that this server may call; one that is not public must be in "
              "the setting outgoing_allow"};
    case OutgoingOutcome::unresolved:
      return {Kind::not_sent, 0, "the host has no address"};
    case OutgoingOutcome::unreachable:
      return {Kind::not_sent, 0, "the host can't be reached"};
    case OutgoingOutcome::timed_out:
      return {Kind::unanswered, 0, "no answer in time"};
    case OutgoingOutcome::too_large:
      return {Kind::unanswered, 0, "the answer is too large"};
    case OutgoingOutcome::broken:
    case OutgoingOutcome::answered:
      break;
  }
  return {Kind::unanswered, 0, "the connection broke, or the answer was not HTTP"};
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::not_sent:
      return "not_sent";
    case Kind::unanswered:
      return "unanswered";
    case Kind::unauthorized:
      return "unauthorized";
    case Kind::rejected:
      return "rejected";
    case Kind::not_found:
      return "not_found";
    case Kind::rate_limited:
      return "rate_limited";
    case Kind::monthly_limit:
      return "monthly_limit";
    case Kind::server_error:
      return "server_error";
    case Kind::malformed:
      break;
  }
  return "malformed";
}

std::optional<CallFailure> failure_of(const http::OutgoingReply& reply) {
  if (reply.outcome != OutgoingOutcome::answered) return without_answer(reply.outcome);
  if (reply.status >= 200 && reply.status < 300) return std::nullopt;
  CallFailure failure;
  failure.status = reply.status;
  if (const auto body = object_of(reply.body)) {
    failure.message = message_of(*body);
    failure.details = details_of(*body);
  }
  failure.kind = kind_of(reply.status, failure.message);
  failure.retry_after = retry_after_of(reply);
  failure.request_id = reply.header("x-line-request-id").value_or("");
  if (failure.message.empty()) failure.message = "status " + std::to_string(reply.status);
  return failure;
}

CallFailure malformed(const http::OutgoingReply& reply, std::string_view what) {
  CallFailure failure{Kind::malformed, reply.status, "LINE's answer lacks " + std::string(what)};
  failure.request_id = reply.header("x-line-request-id").value_or("");
  return failure;
}

Called<json::object> object_in(const http::OutgoingReply& reply) {
  if (auto failure = failure_of(reply)) return tl::unexpected(std::move(*failure));
  auto object = object_of(reply.body);
  if (!object) return tl::unexpected(malformed(reply, "a JSON object"));
  return std::move(*object);
}

Error error_of(const CallFailure& failure) {
  const std::string message = "LINE: " + failure.message;
  switch (failure.kind) {
    case Kind::not_sent:
    case Kind::unanswered:
    case Kind::server_error:
    case Kind::malformed:
      return Error(ErrorCode::unavailable, message);
    case Kind::rate_limited:
      return Error(ErrorCode::too_many, message)
          .with_retry_after(failure.retry_after.value_or(std::chrono::seconds{1}));
    case Kind::monthly_limit:
      return Error(ErrorCode::too_many, message);
    case Kind::not_found:
      return Error(ErrorCode::not_found, message);
    case Kind::unauthorized:
    case Kind::rejected:
      break;
  }
  std::vector<ErrorDetail> details;
  for (const FailureDetail& detail : failure.details) {
    details.push_back({"", detail.property + ": " + detail.message});
  }
  return Error(ErrorCode::unprocessable, message).with_details(std::move(details));
}

}  // namespace callboard::line
