// /sandbox: what was received, as JSON and as a phone; webhooks and faults to order.

#include <boost/json.hpp>
#include <charconv>
#include <set>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "line/sandbox/answers.hpp"
#include "line/sandbox/phone_page.hpp"
#include "line/sandbox/routes.hpp"
#include "line/sandbox/webhook_event.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Response;
using http::Surface;

constexpr std::size_t max_users_shown = 200;

std::uint64_t number_of(const Request& request, std::string_view name) {
  const std::string text = request.query_value(name).value_or("0");
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorCode::invalid, std::string(name) + " must be a number");
  }
  return number;
}

Response nothing() {
  Response response;
  response.status = 204;
  return response;
}

Response ledger(State& state, const Request& request) {
  return http::json_response(
      state.ledger.shown(request.query_value("to").value_or(""), number_of(request, "after")));
}

Response attempts(State& state, const Request& request) {
  return http::json_response(state.attempts.shown(number_of(request, "after")));
}

Response clear_ledger(State& state, const Request&) {
  state.ledger.clear();
  state.attempts.clear();
  return nothing();
}

Response violations(State& state, const Request&) {
  return http::json_response(state.ledger.shown_violations());
}

json::object shown(const Person& person) {
  return {{"user_id", person.user_id},
          {"name", person.name},
          {"is_friend", person.is_friend},
          {"has_blocked", person.has_blocked}};
}

// Those the sandbox knows, and those who were sent something.
Response users(State& state, const Request&) {
  json::array all;
  std::set<std::string> known;
  for (const Person& person : state.people.all()) {
    if (all.size() == max_users_shown) break;
    all.push_back(shown(person));
    known.insert(person.user_id);
  }
  for (const std::string& user_id : state.ledger.recipients(max_users_shown)) {
    if (all.size() == max_users_shown) break;
    if (known.insert(user_id).second) all.push_back(shown({.user_id = user_id, .name = user_id}));
  }
  return http::json_response(json::serialize(json::object{{"users", std::move(all)}}));
}

Response faults(State& state, const Request&) {
  return http::json_response(json::serialize(state.faults.shown()));
}

Response order_faults(State& state, const Request& request) {
  state.faults.replace(fault_plan_of(parse_json(request.body)));
  return faults(state, request);
}

Response clear_faults(State& state, const Request&) {
  state.faults.replace({});
  return nothing();
}

Response webhooks(State& state, const Request&) {
  return http::json_response(state.webhooks.shown());
}

Response order_webhook(State& state, const Request& request) {
  send_ordered_webhook(state, parse_json(request.body));
  return http::json_response("{}", 202);
}

Response set_webhook_url(State& state, const Request& request) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  const std::string url = reader.string("url").value_or("");
  reader.finish();
  state.webhooks.set_url(url);
  return nothing();
}

Response set_quota(State& state, const Request& request) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  const auto limit = reader.integer("limit", 0, INT64_MAX);
  reader.finish();
  state.ledger.set_monthly_limit(limit);
  return nothing();
}

Response phone(State&, const Request&) {
  return html_page(std::string(phone_page()));
}

}  // namespace

http::Routes control_routes(State& state) {
  const auto route = [&](Method method, const char* path,
                         Response (*function)(State&, const Request&)) {
    return http::Route{
        method, path, Access::anyone, Surface::console,
        http::blocking([&state, function](const Request& r) { return function(state, r); })};
  };
  return {
      route(Method::get, "/sandbox", phone),
      route(Method::get, "/sandbox/ledger", ledger),
      route(Method::delete_, "/sandbox/ledger", clear_ledger),
      route(Method::get, "/sandbox/attempts", attempts),
      route(Method::get, "/sandbox/violations", violations),
      route(Method::get, "/sandbox/users", users),
      route(Method::put, "/sandbox/quota", set_quota),
      route(Method::get, "/sandbox/faults", faults),
      route(Method::post, "/sandbox/faults", order_faults),
      route(Method::delete_, "/sandbox/faults", clear_faults),
      route(Method::get, "/sandbox/webhooks", webhooks),
      route(Method::post, "/sandbox/webhook", order_webhook),
      route(Method::put, "/sandbox/webhook", set_webhook_url),
  };
}

}  // namespace callboard::line::sandbox
