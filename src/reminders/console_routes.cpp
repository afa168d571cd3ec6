#include "reminders/console_routes.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/events.hpp"
#include "http/calls.hpp"
#include "http/page_query.hpp"
#include "reminders/message.hpp"
#include "reminders/push.hpp"
#include "reminders/send_control.hpp"
#include "reminders/send_list.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct SendCalls {
  db::Database& database;
  const audience::Applications& applications;
  const Clock& clock;

  Response list(const Request& request) const;
  Response get(const Request& request) const;
  Response recipients(const Request& request) const;
  Response deliveries(const Request& request) const;
  void expire(const Request& request, Responder responder) const;
  void again(const Request& request, Responder responder) const;
  void push_bulletin(const Request& request, Responder responder) const;

 private:
  using Change = void (*)(db::Transaction&, const Send&, Timestamp);
  void write(const Request& request, std::string_view action, Change change,
             Responder responder) const;
};

}  // namespace

http::Routes console_routes(db::Database& database, const audience::Applications& applications,
                            const Clock& clock) {
  using Calls = SendCalls;
  const http::Calls call(Calls{database, applications, clock});
  const std::string all = "/api/workspace/{workspace_id}/application/{app_id}/sends";
  const std::string one = all + "/{send_id}";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, all, Access::viewer, surface, call(&Calls::list)},
      {Method::get, one, Access::viewer, surface, call(&Calls::get)},
      {Method::get, one + "/recipients", Access::viewer, surface, call(&Calls::recipients)},
      {Method::get, one + "/deliveries", Access::viewer, surface, call(&Calls::deliveries)},
      {Method::post, one + "/expire", Access::editor, surface, call(&Calls::expire)},
      {Method::post, one + "/resend", Access::editor, surface, call(&Calls::again)},
      {Method::post,
       "/api/workspace/{workspace_id}/application/{app_id}/bulletin_board/{bulletin_id}/push",
       Access::editor, surface, call(&Calls::push_bulletin)},
  };
}

namespace {

Send require_send(std::optional<Send> send, std::string_view app_id) {
  if (!send || send->app_id != app_id) {
    throw Error(ErrorCode::not_found, "there is no such send");
  }
  return *std::move(send);
}

std::string shown(db::Transaction& transaction, const Send& send) {
  return json::serialize(to_json(send, count_recipients(transaction, send.id)));
}

SendFilter filter_of(const Request& request) {
  SendFilter filter;
  filter.state = request.query_value("state").value_or("");
  if (!filter.state.empty() && !send_state_named(filter.state)) {
    throw Error(ErrorCode::invalid, "state is none that a send can have");
  }
  filter.event_id = request.query_value("event_id").value_or("");
  if (const auto before = request.query_value("due_before")) {
    filter.due_before = events::parse_event_time(*before, events::Zone("UTC"));
    if (!filter.due_before) throw Error(ErrorCode::invalid, "due_before must be a time");
  }
  filter.limit = http::number_in(request, "limit", max_sends_listed, max_sends_listed);
  return filter;
}

Response SendCalls::list(const Request& request) const {
  const SendFilter filter = filter_of(request);
  const auto application = applications.require(request.caller.app_id);
  json::array sends, holds;
  database.read([&](db::Transaction& transaction) {
    for (const Send& send : list_sends(transaction, request.caller.app_id, filter)) {
      sends.push_back(to_json(send, count_recipients(transaction, send.id)));
    }
    holds = list_holds(transaction, channel_id_of(*application));
  });
  return http::json_response(
      json::serialize(json::object{{"sends", std::move(sends)}, {"holds", std::move(holds)}}));
}

Response SendCalls::get(const Request& request) const {
  return http::json_response(database.get([&](db::Transaction& transaction) {
    return shown(transaction,
                 require_send(find_send(transaction, request.parameter(2)), request.caller.app_id));
  }));
}

Response SendCalls::recipients(const Request& request) const {
  constexpr std::array<std::string_view, 5> outcomes = {"accepted", "rejected", "unknown",
                                                        "skipped", "pending"};
  RecipientFilter filter;
  filter.outcome = request.query_value("outcome").value_or("");
  if (!filter.outcome.empty() && std::ranges::find(outcomes, filter.outcome) == outcomes.end()) {
    throw Error(ErrorCode::invalid, "outcome is none that a recipient can have");
  }
  filter.after = request.query_value("after").value_or("");
  filter.limit = http::number_in(request, "limit", max_recipients_listed, 100);
  json::array listed = database.get([&](db::Transaction& transaction) {
    const Send send =
        require_send(find_send(transaction, request.parameter(2)), request.caller.app_id);
    return list_recipients(transaction, send.id, filter);
  });
  return http::json_response(json::serialize(json::object{{"recipients", std::move(listed)}}));
}

Response SendCalls::deliveries(const Request& request) const {
  json::array listed = database.get([&](db::Transaction& transaction) {
    const Send send =
        require_send(find_send(transaction, request.parameter(2)), request.caller.app_id);
    return list_deliveries(transaction, send.id);
  });
  return http::json_response(json::serialize(json::object{{"deliveries", std::move(listed)}}));
}

void SendCalls::write(const Request& request, std::string_view action, Change change,
                      Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [change, app_id = request.caller.app_id, now = clock.now(), send_id = request.parameter(2),
       entry = audience::audit_entry(request, std::string(action), "send/" + request.parameter(2))](
          db::Transaction& transaction) mutable {
        const Send send = require_send(hold_send(transaction, send_id), app_id);
        entry.before = shown(transaction, send);
        change(transaction, send, now);
        entry.after = shown(transaction, *find_send(transaction, send_id));
        audience::record(transaction, entry, now);
        return http::json_response(entry.after);
      });
}

void SendCalls::expire(const Request& request, Responder responder) const {
  write(request, "send.expire", expire_by_operator, std::move(responder));
}

void SendCalls::again(const Request& request, Responder responder) const {
  write(request, "send.resend", resend, std::move(responder));
}

std::int64_t bulletin_in_path(const Request& request) {
  const std::string text = request.parameter(2);
  std::int64_t id = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (failure == std::errc{} && end == text.data() + text.size() && id > 0) return id;
  throw Error(ErrorCode::not_found, "there is no such bulletin");
}

void SendCalls::push_bulletin(const Request& request, Responder responder) const {
  const json::value body = request.body.empty() ? json::object{} : parse_json(request.body);
  audience::answer_after_write(
      database, std::move(responder),
      [wanted = push_request_from_json(body), id = bulletin_in_path(request), now = clock.now(),
       entry = audience::audit_entry(request, "bulletin.push", "bulletin/" + request.parameter(2))](
          db::Transaction& transaction) mutable {
        const auto bulletin = bulletins::find(transaction, entry.app_id, id);
        if (!bulletin) throw Error(ErrorCode::not_found, "there is no such bulletin");
        const Send send = push(transaction, entry.app_id, *bulletin, wanted, now);
        entry.after = shown(transaction, send);
        audience::record(transaction, entry, now);
        return http::json_response(entry.after);
      });
}

}  // namespace
}  // namespace callboard::reminders
