#include "identity/person_routes.hpp"

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
#include "http/page_query.hpp"
#include "identity/cookies.hpp"
#include "identity/line_account.hpp"
#include "identity/person.hpp"
#include "identity/person_cookies.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct PersonCalls : PersonRoutesParts {
  explicit PersonCalls(const PersonRoutesParts& parts) : PersonRoutesParts(parts) {}

  void refresh(const Request& request, Responder responder) const;
  void log_out(const Request& request, Responder responder) const;
  Response profile(const Request& request) const;
  Response person(const Request& request) const;
  Response list(const Request& request) const;
  void fake_login(const Request& request, Responder responder) const;
  void fake_register(const Request& request, Responder responder) const;

 private:
  CookieStyle style_of(std::string_view app_id) const;
  Response show(std::string_view app_id, const std::string& user_id) const;
};

}  // namespace

http::Routes person_routes(const PersonRoutesParts& parts) {
  using Calls = PersonCalls;
  const http::Calls call{Calls(parts)};
  constexpr auto surface = Surface::people;
  return {
      {Method::post, "/users/refresh_token", Access::visitor, surface, call(&Calls::refresh)},
      {Method::post, "/users/logout", Access::visitor, surface, call(&Calls::log_out)},
      {Method::get, "/users/profile", Access::person, surface, call(&Calls::profile)},
      {Method::get, "/users/{user_id}", Access::proven, surface, call(&Calls::person)},
      {Method::get, "/users", Access::app_editor, surface, call(&Calls::list)},
  };
}

http::Routes fake_person_routes(const PersonRoutesParts& parts) {
  using Calls = PersonCalls;
  const http::Calls call{Calls(parts)};
  return {
      {Method::get, "/users/login/{user_id}", Access::visitor, Surface::people,
       call(&Calls::fake_login)},
      {Method::post, "/users/register", Access::visitor, Surface::people,
       call(&Calls::fake_register)},
  };
}

namespace {

std::string answer_body(std::string_view msg, json::value data) {
  return json::serialize(json::object{{"msg", msg}, {"data", std::move(data)}});
}

Response private_answer(std::string body) {
  Response response = http::json_response(std::move(body));
  response.header("Cache-Control", "no-store");
  return response;
}

json::object to_json(const Person& person) {
  return {{"id", person.user_id},
          {"name", person.name},
          {"picture_url", person.picture_url},
          {"createdAt", rfc3339(person.created_at)},
          {"updatedAt", rfc3339(person.updated_at)},
          {"deletedAt", nullptr}};
}

json::object tokens_of(const OpenedSession& session) {
  return {{"access_token", session.session_token},
          {"refresh_token", session.refresh_token},
          {"expires_in", session.expires_in.count()}};
}

CookieStyle PersonCalls::style_of(std::string_view app_id) const {
  return {own_address.base_path(), applications.require(app_id)->settings.login.cookie_same_site};
}

// A refresh token and how it came.
struct GivenToken {
  std::string token;
  bool is_cookie = false;
};

std::optional<GivenToken> cookie_token(const Request& request) {
  const auto cookie = cookie_value(request, refresh_token_cookie);
  if (!cookie || cookie->empty()) return std::nullopt;
  return GivenToken{std::string(without_scheme(*cookie)), true};
}

std::optional<GivenToken> given_token(const Request& request) {
  if (request.body.empty()) return cookie_token(request);
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  const auto token = reader.string("refresh_token");
  reader.finish();
  return token ? GivenToken{*token} : cookie_token(request);
}

Error invalid_token() {
  return {ErrorCode::unauthenticated, "refresh token is invalid"};
}

void PersonCalls::refresh(const Request& request, Responder responder) const {
  const auto given = given_token(request);
  if (!given) throw Error(ErrorCode::unauthenticated, "refresh token is missing");
  const std::string app_id(app_of_refresh_token(given->token).value_or(request.caller.app_id));
  if (!applications.get(app_id)) throw invalid_token();
  if (given->is_cookie) pages.require(request, app_id);
  auto session = std::make_shared<std::optional<OpenedSession>>();
  auto answer = std::make_shared<Responder>(std::move(responder));
  // Kept whatever comes of it: a token that is used again ends its session.
  database.write(
      [session, keys = trust.keys(app_id), app_id, token = given->token,
       &sessions_of = sessions](db::Transaction& transaction) {
        *session = sessions_of.refresh(transaction, *keys, app_id, token, SessionKind::person);
      },
      [session, answer, &request, style = style_of(app_id),
       is_cookie = given->is_cookie](std::exception_ptr error) {
        if (!error && !*session) error = std::make_exception_ptr(invalid_token());
        if (error) return answer->fail(error);
        // What stands in cookies, scripts need not see.
        Response response = private_answer(answer_body(
            "refresh success", is_cookie
                                   ? json::object{{"expires_in", (*session)->expires_in.count()}}
                                   : tokens_of(**session)));
        if (is_cookie) set_person_cookies(response, request, style, **session);
        answer->send(std::move(response));
      });
}

void PersonCalls::log_out(const Request& request, Responder responder) const {
  const auto cookie = cookie_token(request);
  if (request.caller.user_id.empty() && !cookie) {
    throw Error(ErrorCode::unauthenticated, "nobody is logged in");
  }
  const std::string app_id(request.caller.user_id.empty()
                               ? app_of_refresh_token(cookie->token).value_or("")
                               : request.caller.app_id);
  if (!applications.get(app_id)) throw invalid_token();
  if (cookie) pages.require(request, app_id);
  audience::answer_after_write(
      database, std::move(responder),
      [&request, app_id, style = style_of(app_id), token = cookie ? cookie->token : "",
       family = std::string(request.caller.session),
       &sessions_of = sessions](db::Transaction& transaction) {
        sessions_of.end(transaction, app_id, {.family = family, .refresh_token = token});
        Response response = private_answer(answer_body("logout success", nullptr));
        clear_person_cookies(response, request, style);
        return response;
      });
}

Response PersonCalls::show(std::string_view app_id, const std::string& user_id) const {
  const auto found = database.get(
      [&](db::Transaction& transaction) { return find_person(transaction, app_id, user_id); });
  if (!found) throw Error(ErrorCode::not_found, "there is no such user");
  return private_answer(answer_body("get user by id", to_json(*found)));
}

Response PersonCalls::profile(const Request& request) const {
  return show(request.caller.app_id, std::string(request.caller.user_id));
}

Response PersonCalls::person(const Request& request) const {
  const std::string user_id = request.parameter(0);
  audience::require_user_id(user_id);
  const bool is_self = request.caller.user_id == user_id;
  if (!is_self && !request.caller.user_id.empty()) {
    throw Error(ErrorCode::forbidden, "this is somebody else");
  }
  return show(request.caller.app_id, user_id);
}

Response PersonCalls::list(const Request& request) const {
  const http::PageQuery page = http::page_query(
      request, {.default_limit = default_people_listed, .max_limit = max_people_listed});
  json::array people;
  database.read([&](db::Transaction& transaction) {
    list_people(transaction, request.caller.app_id, {page.limit, page.offset()},
                [&](const Person& each) { people.push_back(to_json(each)); });
  });
  return private_answer(answer_body("get users", std::move(people)));
}

void PersonCalls::fake_login(const Request& request, Responder responder) const {
  std::string user_id = request.parameter(0);
  audience::require_user_id(user_id);
  const std::string app_id(request.caller.app_id);
  audience::answer_after_write(
      database, std::move(responder),
      [calls = *this, &request, keys = trust.keys(app_id), style = style_of(app_id), app_id,
       user_id](db::Transaction& transaction) {
        const Timestamp now = calls.clock.now();
        audience::merge_attributes(transaction, app_id, user_id, {}, "", now);
        const auto session =
            calls.sessions.open(transaction, *keys, app_id, user_id, SessionKind::person);
        Response response = private_answer(answer_body("login success", tokens_of(session)));
        set_person_cookies(response, request, style, session);
        return response;
      });
}

void PersonCalls::fake_register(const Request& request, Responder responder) const {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("name");
  const auto name = reader.string("name");
  reader.finish();
  audience::answer_after_write(
      database, std::move(responder),
      [profile = LineProfile{random_id(), *name, ""}, app_id = std::string(request.caller.app_id),
       now = clock.now()](db::Transaction& transaction) {
        audience::merge_attributes(transaction, app_id, profile.user_id, {}, "", now);
        save_profile(transaction, app_id, profile, now);
        return private_answer(
            answer_body("fake register success", json::object{{"id", profile.user_id}}));
      });
}

}  // namespace
}  // namespace callboard::identity
