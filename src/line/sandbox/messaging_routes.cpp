// The Messaging API: who may call, how often, and whether what is to be sent is as LINE wants it.

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "line/message_limits.hpp"
#include "line/reply_member.hpp"
#include "line/sandbox/answers.hpp"
#include "line/sandbox/routes.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;
using http::Surface;

// Larger than LINE's bound, so that we can say so as LINE does.
constexpr std::size_t max_received_bytes = max_request_bytes + (std::size_t{1} << 20);

bool is_authorized(const State& state, const Request& request) {
  const std::string_view token = bearer_of(request);
  return !token.empty() &&
         (token == state.options.access_token || state.grants.is_stateless(token));
}

Response unauthorized_answer() {
  return api_error(status_unauthorized,
                   "Authentication failed. Is the channel access token right?");
}

Response invalid_body(const std::vector<FailureDetail>& details) {
  return api_error(status_bad_request,
                   "The request body has " + std::to_string(details.size()) + " error(s)", details);
}

json::object body_of(const Request& request) {
  json::value value = parse_json(request.body);
  if (!value.is_object()) throw Error(ErrorCode::invalid, "The request body must be an object");
  return std::move(value.get_object());
}

void check_messages_of(const json::object& body, std::vector<FailureDetail>& found) {
  const json::value* messages = body.if_contains("messages");
  const auto wrong = check_messages(messages == nullptr ? json::value() : *messages);
  found.insert(found.end(), wrong.begin(), wrong.end());
  for (const auto& [name, value] : body) {
    if (name == "notificationDisabled" && !value.is_bool()) {
      found.push_back({name, "must be true or false"});
    }
  }
}

bool check_recipient(const json::value& value, const std::string& place,
                     std::vector<FailureDetail>& found) {
  if (value.is_string() && is_line_user_id(value.get_string())) return true;
  found.push_back({place, "must be the id of a user"});
  return false;
}

std::vector<std::string> recipient_of_push(const json::object& body,
                                           std::vector<FailureDetail>& found) {
  const json::value* to = body.if_contains("to");
  if (!check_recipient(to == nullptr ? json::value() : *to, "to", found)) return {};
  return {std::string(to->get_string())};
}

std::vector<std::string> recipients_of_multicast(const json::object& body,
                                                 std::vector<FailureDetail>& found) {
  const json::value* to = body.if_contains("to");
  if (to == nullptr || !to->is_array() || to->get_array().empty() ||
      to->get_array().size() > max_recipients) {
    found.push_back({"to", "Size must be between 1 and 500"});
    return {};
  }
  std::vector<std::string> recipients;
  for (std::size_t i = 0; i < to->get_array().size(); ++i) {
    const json::value& each = to->get_array()[i];
    if (check_recipient(each, "to[" + std::to_string(i) + "]", found)) {
      recipients.emplace_back(each.get_string());
    }
  }
  return recipients;
}

Response accepted_answer(const Sending& sending, std::size_t messages) {
  if (sending.endpoint == "multicast") return http::json_response("{}");
  json::array sent;
  for (std::size_t i = 0; i < messages; ++i) {
    sent.push_back(json::object{{"id", random_uuid()}});
  }
  return http::json_response(json::serialize(json::object{{"sentMessages", std::move(sent)}}));
}

Response answer_to(const Taken& taken, const Sending& sending, std::size_t messages) {
  if (taken.verdict == Verdict::monthly_limit) return api_error(status_too_many, monthly_words);
  if (taken.verdict == Verdict::accepted) return accepted_answer(sending, messages);
  Response response = api_error(status_conflict, already_accepted_words);
  response.header("x-line-accepted-request-id", taken.accepted_request_id);
  return response;
}

void report_repeated(State& state, const Sending& sending) {
  const std::set<std::string> distinct(sending.to.begin(), sending.to.end());
  if (distinct.size() != sending.to.size()) state.ledger.report("a multicast names a user twice");
}

Response take(State& state, const Request& request, const std::string& request_id, bool to_many) {
  const std::string endpoint = to_many ? "multicast" : "push";
  if (!is_authorized(state, request)) return unauthorized_answer();
  if (!state.ledger.admits(endpoint, to_many ? multicasts_a_second : pushes_a_second)) {
    return api_error(status_too_many, rate_words);
  }
  if (request.body.size() > max_request_bytes) {
    return api_error(status_too_large, "Request exceeds the maximum size of 2 MB");
  }
  const auto retry_key = request.header("X-Line-Retry-Key");
  if (retry_key && !is_retry_key(*retry_key))
    return api_error(status_bad_request, "Invalid retry key");
  const json::object body = body_of(request);
  std::vector<FailureDetail> found;
  Sending sending{
      .endpoint = endpoint,
      .to = to_many ? recipients_of_multicast(body, found) : recipient_of_push(body, found),
      .messages = {},
      .retry_key = std::string(retry_key.value_or("")),
      .body = std::string(request.body),
      .request_id = request_id,
      .delivered = {}};
  check_messages_of(body, found);
  if (!found.empty()) return invalid_body(found);
  sending.messages = std::make_shared<const std::string>(to_json_text(body.at("messages")));
  for (const std::string& user : sending.to) {
    sending.delivered.push_back(!state.people.has_blocked(user));
  }
  report_repeated(state, sending);
  const Taken taken = state.ledger.take(sending);
  return answer_to(taken, sending, body.at("messages").as_array().size());
}

Response validate(const State& state, const Request& request) {
  if (!is_authorized(state, request)) return unauthorized_answer();
  std::vector<FailureDetail> found;
  check_messages_of(body_of(request), found);
  return found.empty() ? http::json_response("{}") : invalid_body(found);
}

Response quota(const State& state, const Request& request) {
  if (!is_authorized(state, request)) return unauthorized_answer();
  const auto limit = state.ledger.monthly_limit();
  if (!limit) return http::json_response(R"({"type":"none"})");
  return http::json_response(json::serialize(json::object{{"type", "limited"}, {"value", *limit}}));
}

Response consumption(const State& state, const Request& request) {
  if (!is_authorized(state, request)) return unauthorized_answer();
  return http::json_response(json::serialize(json::object{{"totalUsage", state.ledger.used()}}));
}

Response profile(const State& state, const Request& request) {
  if (!is_authorized(state, request)) return unauthorized_answer();
  const auto person = state.people.find(request.parameter(0));
  if (!person || !person->is_friend || person->has_blocked) {
    return api_error(status_not_found, "Not found");
  }
  json::object shown{
      {"userId", person->user_id}, {"displayName", person->name}, {"language", "en"}};
  if (!person->picture_url.empty()) shown["pictureUrl"] = person->picture_url;
  return http::json_response(json::serialize(shown));
}

// The channel's own token, for 15 minutes.
Response issue_stateless(State& state, const Request& request) {
  const auto& options = state.options;
  if (form_value(request, "grant_type") != "client_credentials") {
    return login_error("unsupported_grant_type", "grant_type must be client_credentials");
  }
  if (form_value(request, "client_id") != options.channel_id ||
      form_value(request, "client_secret") != options.messaging_channel_secret) {
    return login_error("invalid_client", "invalid client_id or client_secret");
  }
  return http::json_response(
      json::serialize(json::object{{"token_type", "Bearer"},
                                   {"access_token", state.grants.issue_stateless()},
                                   {"expires_in", stateless_token_life.count()}}));
}

}  // namespace

http::Routes messaging_routes(State& state) {
  const auto route = [&](Method method, const char* path, const char* endpoint,
                         State::Function function) {
    return http::Route{method,
                       path,
                       Access::anyone,
                       Surface::console,
                       state.call(endpoint, std::move(function)),
                       max_received_bytes};
  };
  const auto sends = [&](bool to_many) {
    return [&state, to_many](const Request& request, const std::string& request_id) {
      return take(state, request, request_id, to_many);
    };
  };
  const auto asks = [&](Response (*function)(const State&, const Request&)) {
    return [&state, function](const Request& request, const std::string&) {
      return function(state, request);
    };
  };
  return {
      route(Method::post, "/v2/bot/message/push", "push", sends(false)),
      route(Method::post, "/v2/bot/message/multicast", "multicast", sends(true)),
      route(Method::post, "/v2/bot/message/validate/push", "validate", asks(validate)),
      route(Method::post, "/v2/bot/message/validate/multicast", "validate", asks(validate)),
      route(Method::get, "/v2/bot/message/quota", "quota", asks(quota)),
      route(Method::get, "/v2/bot/message/quota/consumption", "quota", asks(consumption)),
      route(Method::get, "/v2/bot/profile/{user_id}", "profile", asks(profile)),
      route(Method::post, "/oauth2/v3/token", "channel_token",
            [&state](const Request& request, const std::string&) {
              return issue_stateless(state, request);
            }),
  };
}

}  // namespace callboard::line::sandbox
