#include "identity/session_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"
#include "http/calls.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Surface;

struct SessionCalls {
  db::Database& database;
  const audience::Applications& applications;
  const Trust& trust;
  const Sessions& sessions;

  void open_for_user(const Request& request, Responder responder) const;
  void open_anonymous(const Request& request, Responder responder) const;
  void refresh(const Request& request, Responder responder) const;

 private:
  void open(const Request& request, std::string user_id, Responder responder) const;
};

}  // namespace

http::Routes session_routes(db::Database& database, const audience::Applications& applications,
                            const Trust& trust, const Sessions& sessions) {
  const http::Calls call(SessionCalls{database, applications, trust, sessions});
  return {
      {Method::post, "/bp/server/user/{user_id}/session", Access::backend, Surface::app,
       call(&SessionCalls::open_for_user)},
      {Method::post, "/bp/session", Access::signed_client, Surface::app,
       call(&SessionCalls::open_anonymous)},
      {Method::post, "/bp/session/refresh", Access::signed_client, Surface::app,
       call(&SessionCalls::refresh)},
  };
}

namespace {

constexpr std::string_view anonymous_prefix = "anon-";
constexpr std::size_t anonymous_entropy_bytes = 16;

std::string body_of(const OpenedSession& session) {
  return json::serialize(json::object{{"user_id", session.user_id},
                                      {"session_token", session.session_token},
                                      {"refresh_token", session.refresh_token},
                                      {"expires_in", session.expires_in.count()}});
}

// Runs `step` in a transaction that is kept whatever it returns; nothing is a refresh refused.
template <class Step>
void answer_after(db::Database& database, Responder responder, Step step) {
  auto opened = std::make_shared<std::optional<OpenedSession>>();
  auto answer = std::make_shared<Responder>(std::move(responder));
  database.write([opened, step = std::move(step)](
                     db::Transaction& transaction) { *opened = step(transaction); },
                 [opened, answer](std::exception_ptr error) {
                   if (!error && !*opened) {
                     error = std::make_exception_ptr(
                         Error(ErrorCode::unauthenticated, "refresh token is invalid"));
                   }
                   if (error) return answer->fail(error);
                   answer->send(http::json_response(body_of(**opened)));
                 });
}

void SessionCalls::open(const Request& request, std::string user_id, Responder responder) const {
  answer_after(database, std::move(responder),
               [&sessions_of = sessions, keys = trust.keys(request.caller.app_id),
                app_id = std::string(request.caller.app_id),
                user_id = std::move(user_id)](db::Transaction& transaction) {
                 return std::optional(sessions_of.open(transaction, *keys, app_id, user_id));
               });
}

void SessionCalls::open_for_user(const Request& request, Responder responder) const {
  std::string user_id = request.parameter(0);
  audience::require_user_id(user_id);
  open(request, std::move(user_id), std::move(responder));
}

void SessionCalls::open_anonymous(const Request& request, Responder responder) const {
  if (!applications.require(request.caller.app_id)->settings.anonymous_sessions) {
    throw Error(ErrorCode::forbidden, "this application has no anonymous sessions");
  }
  open(request, std::string(anonymous_prefix) + random_token(anonymous_entropy_bytes),
       std::move(responder));
}

void SessionCalls::refresh(const Request& request, Responder responder) const {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("refresh_token");
  auto token = reader.string("refresh_token");
  reader.finish();
  answer_after(database, std::move(responder),
               [&sessions_of = sessions, keys = trust.keys(request.caller.app_id),
                app_id = std::string(request.caller.app_id),
                token = std::move(*token)](db::Transaction& transaction) {
                 return sessions_of.refresh(transaction, *keys, app_id, token);
               });
}

}  // namespace
}  // namespace callboard::identity
