#include "identity/sign_in_routes.hpp"

#include <boost/json.hpp>
#include <string>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/log.hpp"
#include "http/calls.hpp"
#include "identity/member_session.hpp"
#include "identity/member_shown.hpp"
#include "identity/use_link.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;

struct SignInCalls {
  db::Database& database;
  SignIn& sign_in;
  PasswordHasher& hasher;
  const OwnAddress& own_address;
  const Clock& clock;

  void open(const Request& request, Responder responder) const;
  void close(const Request& request, Responder responder) const;
  Response look_at_link(const Request& request) const;
  void use_link(const Request& request, Responder responder) const;
  void change_password(const Request& request, Responder responder) const;
};

void link_page(const Request& request, Response& response);

}  // namespace

http::Routes sign_in_routes(db::Database& database, SignIn& sign_in, PasswordHasher& hasher,
                            const OwnAddress& own_address, const Clock& clock) {
  const http::Calls call(SignInCalls{database, sign_in, hasher, own_address, clock});
  constexpr auto surface = http::Surface::console;
  return {
      {Method::post, "/api/session", Access::anyone, surface, call(&SignInCalls::open)},
      {Method::delete_, "/api/session", Access::viewer, surface, call(&SignInCalls::close)},
      {Method::post, "/api/link", Access::anyone, surface, call(&SignInCalls::use_link)},
      {Method::post, "/api/link/look", Access::anyone, surface, call(&SignInCalls::look_at_link)},
      {Method::put, "/api/me/password", Access::viewer, surface,
       call(&SignInCalls::change_password)},
      {Method::get, "/link", Access::anyone, http::Surface::plain, http::immediate(link_page)},
  };
}

namespace {

void link_page(const Request& /*request*/, Response& response) {
  response.content_type("text/plain; charset=utf-8");
  response.header("Referrer-Policy", "no-referrer");
  response.body =
      "A one-time link of Callboard. What stands behind its # is the token:\n\n"
      "POST /api/link/look  {\"token\":\"cbl_...\"}  says what it is for,\n"
      "POST /api/link       {\"token\":\"cbl_...\",\"password\":\"...\"}  uses it; for a first "
      "member"
      "\n                     with \"email\" and \"name\", for a new one with \"name\" besides.\n";
}

// The session of this browser from now on; the one it had is over, so that none survives whose
// secret somebody else may know.
Response signed_in(db::Transaction& transaction, const Request& request, const Member& member,
                   Timestamp now) {
  if (const auto former = session_cookie(request)) end_session(transaction, *former);
  json::object body = to_json(member);
  body["workspaces"] = to_json(memberships_of(transaction, member.member_id));
  Response response = http::json_response(json::serialize(body));
  response.header("Cache-Control", "no-store");
  set_session_cookie(response, request, start_session(transaction, member.member_id, now));
  return response;
}

struct Credentials {
  std::string email, password;
};

Credentials credentials_in(const Request& request) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("email");
  reader.require("password");
  auto email = reader.string("email");
  auto password = reader.string("password");
  reader.finish();
  // What is no address has no account; it is refused like one.
  return {normal_email(*email).value_or(""), std::move(*password)};
}

void SignInCalls::open(const Request& request, Responder responder) const {
  own_address.refuse_foreign_page(request);
  const Credentials given = credentials_in(request);
  sign_in.throttle_address(request.peer);
  Member member = sign_in.verify(given.email, given.password);
  audience::answer_after_write(
      database, std::move(responder),
      [&request, member = std::move(member), now = clock.now()](db::Transaction& transaction) {
        return signed_in(transaction, request, member, now);
      });
}

std::string_view own_session(const Request& request) {
  if (request.caller.actor.starts_with(member_actor)) return session_cookie(request).value_or("");
  throw Error(ErrorCode::forbidden, "this is for members; an api token has no session");
}

void SignInCalls::close(const Request& request, Responder responder) const {
  own_session(request);
  audience::answer_after_write(database, std::move(responder),
                               [&request](db::Transaction& transaction) {
                                 end_session(transaction, own_session(request));
                                 Response response = http::json_response("{}");
                                 clear_session_cookie(response, request);
                                 return response;
                               });
}

Response SignInCalls::look_at_link(const Request& request) const {
  sign_in.throttle_address(request.peer);
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("token");
  const auto token = reader.string("token");
  reader.finish();
  json::object shown;
  database.read([&](db::Transaction& transaction) {
    const OneTimeLink link = require_link(transaction, *token, clock.now());
    const auto member = link.kind == LinkKind::reset ? find_member(transaction, link.member_id)
                                                     : member_by_email(transaction, link.email);
    const auto workspace = audience::find_workspace(transaction, link.workspace_id);
    const std::string email = member ? member->email : link.email;
    shown = {{"kind", name_of(link.kind)},
             {"email", email.empty() ? json::value(nullptr) : json::value(email)},
             {"workspace", workspace ? json::value(workspace->name) : json::value(nullptr)},
             {"is_member", member.has_value()},
             {"expires_at", rfc3339(link.expires_at)}};
  });
  return http::json_response(json::serialize(shown));
}

void SignInCalls::use_link(const Request& request, Responder responder) const {
  own_address.refuse_foreign_page(request);
  sign_in.throttle_address(request.peer);
  const Timestamp now = clock.now();
  audience::answer_after_write(
      database, std::move(responder),
      [&request, use = prepare_link_use(database, sign_in, hasher, parse_json(request.body), now),
       now](db::Transaction& transaction) {
        finish_link_use(transaction, use, request.peer, now);
        return signed_in(transaction, request, use.member, now);
      });
}

void SignInCalls::change_password(const Request& request, Responder responder) const {
  own_session(request);
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("current");
  reader.require("new");
  const auto current = reader.string("current");
  const auto wanted = reader.string("new");
  if (wanted && !is_password(*wanted)) reader.refuse("new", "must have at least 10 characters");
  reader.finish();
  const auto member = database.get([&](db::Transaction& transaction) {
    return find_member(transaction, request.caller.actor.substr(member_actor.size()));
  });
  if (!member) throw Error(ErrorCode::unauthenticated, "the session has ended");
  sign_in.verify(member->email, *current);
  audience::answer_after_write(
      database, std::move(responder),
      [&request, member = *member, hash = hasher.hash(*wanted),
       now = clock.now()](db::Transaction& transaction) {
        set_password(transaction, member.member_id, hash);
        end_sessions_of(transaction, member.member_id);
        audience::AuditEntry entry =
            audience::audit_entry(request, "member.password", "member/" + member.member_id);
        for (const Membership& membership : memberships_of(transaction, member.member_id)) {
          entry.workspace_id = membership.workspace_id;
          audience::record(transaction, entry, now);
        }
        return signed_in(transaction, request, member, now);
      });
}

}  // namespace
}  // namespace callboard::identity
