#include "line/sandbox/state.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "line/sandbox/answers.hpp"

namespace callboard::line::sandbox {
namespace {

using enum FaultKind;

constexpr std::string_view bearer = "Bearer ";
constexpr std::string_view push = "push", multicast = "multicast";

http::Response done(const State::Function& function, const http::Request& request,
                    const std::string& request_id) {
  try {
    return function(request, request_id);
  } catch (const Error& error) {
    return api_error(status_bad_request, error.message());
  }
}

http::Response ended(http::Response response, http::Ending ending) {
  response.ending = ending;
  return response;
}

// As if an earlier attempt had been accepted. What was refused stays refused.
http::Response as_conflict(http::Response accepted, std::string_view accepted_request_id) {
  if (accepted.status != 200) return accepted;
  http::Response response = api_error(status_conflict, already_accepted_words);
  if (!accepted_request_id.empty()) {
    response.header("x-line-accepted-request-id", accepted_request_id);
  }
  return response;
}

bool is_done(FaultKind kind) {
  switch (kind) {
    case drop:
    case server_error:
    case time_out:
    case rate_limit:
    case monthly_limit:
    case refuse_first:
      return false;
    default:
      return true;
  }
}

// `response`: of the call, where it was done.
http::Response spoiled(FaultKind kind, http::Response response, std::string_view request_id,
                       std::string_view endpoint) {
  switch (kind) {
    case truncate:
      return ended(std::move(response), http::Ending::within_its_body);
    case drop:
    case accept_drop:
    case time_out:
    case accept_time_out:
      return ended(std::move(response), http::Ending::before_it_begins);
    case FaultKind::server_error:
    case accept_server_error:
      return api_error(status_server_error, "Internal error");
    case rate_limit:
      return api_error(status_too_many, rate_words);
    case FaultKind::monthly_limit:
      return api_error(status_too_many, monthly_words);
    case FaultKind::conflict:
      return as_conflict(std::move(response), request_id);
    case bare_conflict:
      return as_conflict(std::move(response), {});
    case refuse_first:
      return api_error(status_bad_request, "The request body has 1 error(s)",
                       {{endpoint == multicast ? "to[0]" : "to", "must be the id of a user"}});
    case none:
    case slow:
      break;
  }
  return response;
}

bool is_late(FaultKind kind) {
  return kind == slow || kind == time_out || kind == accept_time_out;
}

// What of an answer reaches the caller; 0: nothing whole.
int seen(const http::Response& response) {
  return response.ending == http::Ending::whole ? response.status : 0;
}

}  // namespace

State::State(const Options& from, const Clock& with)
    : options(from),
      clock(with),
      key_id(random_id()),
      faults(from.faults, from.seed),
      ledger(from.monthly_limit, with),
      people(from.people),
      grants(with),
      webhooks(from.webhook_url, from.messaging_channel_secret, with) {}

http::Handler State::call(std::string endpoint, Function function) {
  return http::deferred([this, endpoint = std::move(endpoint), function = std::move(function)](
                            const http::Request& request, http::Responder responder) {
    const bool sends = endpoint == push || endpoint == multicast;
    const auto number = sends ? attempts.begin(endpoint, request, clock.now()) : 0;
    const Fault fault = faults.next(endpoint);
    const std::string request_id = random_uuid();
    http::Response response;
    if (is_done(fault.kind)) response = done(function, request, request_id);
    const int status = is_done(fault.kind) ? response.status : 0;
    response = spoiled(fault.kind, std::move(response), request_id, endpoint);
    if (sends) attempts.answered(number, name_of(fault.kind), status, seen(response));
    const bool hides_it = fault.kind == FaultKind::conflict;
    response.header("x-line-request-id", hides_it ? random_uuid() : request_id);
    if (is_late(fault.kind)) {
      return delayed.give(std::move(responder), std::move(response), fault.delay());
    }
    responder.send(std::move(response));
  });
}

std::optional<std::string> form_value(const http::Request& request, std::string_view name) {
  http::Request form;
  form.query = request.body;
  return form.query_value(name);
}

std::string_view bearer_of(const http::Request& request) {
  const std::string_view header = request.header("Authorization").value_or("");
  return header.starts_with(bearer) ? header.substr(bearer.size()) : std::string_view();
}

}  // namespace callboard::line::sandbox
