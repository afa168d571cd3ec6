// The login page: who is there, what they consent to, and back to where they came from.

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "crypto/base64url.hpp"
#include "line/form.hpp"
#include "line/message_limits.hpp"
#include "line/sandbox/answers.hpp"
#include "line/sandbox/routes.hpp"
#include "line/sandbox/webhook_event.hpp"

namespace callboard::line::sandbox {
namespace {

using http::Method;
using http::Request;
using http::Response;
using http::Surface;

constexpr std::size_t challenge_bytes = 32;  // a SHA-256
constexpr std::size_t max_people_offered = 50;
constexpr std::array<std::string_view, 3> known_scopes = {"profile", "openid", "email"};

constexpr std::string_view page_start = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Log in (LINE sandbox)</title><style>
body{font:16px/1.5 system-ui,sans-serif;background:#eef1f4;margin:0;color:#1b1f23}
main{max-width:24rem;margin:2rem auto;background:#fff;border-radius:12px;padding:1.5rem}
h1{font-size:1.2rem;margin:0 0 .5rem}label{display:block;padding:.35rem 0}
input[type=text]{width:100%;box-sizing:border-box;padding:.5rem;font:inherit}
button{font:inherit;width:100%;padding:.7rem;border:0;border-radius:8px;margin-top:.6rem}
.yes{background:#06c755;color:#fff}.note{color:#57606a;font-size:.85rem}
</style></head><body><main>)html";
constexpr std::string_view page_end = "</main></body></html>";

// What the browser was sent with.
struct Authorize {
  std::string redirect_uri, state, scope, nonce, code_challenge, bot_prompt;
};

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorCode::invalid, why);
}

void check_scope(std::string_view scope) {
  bool is_empty = true;
  while (!scope.empty()) {
    const std::size_t end = std::min(scope.find(' '), scope.size());
    const std::string_view word = scope.substr(0, end);
    if (std::ranges::find(known_scopes, word) == known_scopes.end()) {
      refuse("scope may hold profile, openid and email");
    }
    is_empty = false;
    scope.remove_prefix(std::min(end + 1, scope.size()));
  }
  if (is_empty) refuse("scope is required");
}

void check_challenge(const Request& query, const std::string& challenge) {
  const std::string method = query.query_value("code_challenge_method").value_or("");
  if (challenge.empty() && method.empty()) return;
  const auto bytes = from_base64url(challenge);
  if (method != "S256") refuse("code_challenge_method must be S256");
  if (!bytes || bytes->size() != challenge_bytes) refuse("code_challenge must be a SHA-256");
}

Authorize authorize_of(const Request& query, const State& state) {
  const auto text = [&](std::string_view name) { return query.query_value(name).value_or(""); };
  if (text("response_type") != "code") refuse("response_type must be code");
  if (text("client_id") != state.options.channel_id) refuse("client_id is not this channel's");
  Authorize asked{text("redirect_uri"), text("state"),          text("scope"),
                  text("nonce"),        text("code_challenge"), text("bot_prompt")};
  const bool is_http =
      asked.redirect_uri.starts_with("http://") || asked.redirect_uri.starts_with("https://");
  if (!is_http || asked.redirect_uri.find('#') != std::string::npos) {
    refuse("redirect_uri must be an http URL without a fragment");
  }
  if (asked.state.empty()) refuse("state is required");
  check_scope(asked.scope);
  check_challenge(query, asked.code_challenge);
  if (!asked.bot_prompt.empty() && asked.bot_prompt != "normal" &&
      asked.bot_prompt != "aggressive") {
    refuse("bot_prompt must be normal or aggressive");
  }
  return asked;
}

Response back(const Authorize& asked, const std::string& parameters) {
  const char* joint = asked.redirect_uri.find('?') == std::string::npos ? "?" : "&";
  return redirect(asked.redirect_uri + joint + parameters);
}

Response consented(State& state, const Authorize& asked, const std::string& user_id,
                   bool adds_friend) {
  const bool was_friend = state.people.find(user_id)->is_friend;
  const bool changes = adds_friend && !asked.bot_prompt.empty() && !was_friend;
  if (changes) follow(state, user_id);
  const std::string code = state.grants.issue_code(
      {user_id, asked.redirect_uri, asked.scope, asked.nonce, asked.code_challenge});
  return back(asked,
              form_of({{"code", code},
                       {"state", asked.state},
                       {"friendship_status_changed", changes                    ? "true"
                                                     : asked.bot_prompt.empty() ? ""
                                                                                : "false"}}));
}

std::string choice_of(const Person& person, bool is_first) {
  const std::string id = escaped_html(person.user_id);
  return "<label><input type=radio name=user_id value=\"" + id + "\"" +
         (is_first ? " checked" : "") + "> " + escaped_html(person.name) + " <span class=note>" +
         id.substr(0, 9) + "…" + (person.is_friend ? ", friend" : "") + "</span></label>";
}

std::string login_page(const State& state, const Authorize& asked, std::string_view query) {
  std::string page(page_start);
  page += "<h1>Log in</h1><p class=note>This is a sandbox in LINE's place. Asked for: " +
          escaped_html(asked.scope) +
          "</p><form method=post><input type=hidden name=request value=\"" + escaped_html(query) +
          "\">";
  std::size_t shown = 0;
  for (const Person& person : state.people.all()) {
    if (shown == max_people_offered) break;
    page += choice_of(person, shown++ == 0);
  }
  page +=
      "<label><input type=radio name=user_id value=\"\"> somebody else:</label>"
      "<label>User id <input type=text name=typed_id placeholder=\"U and 32 of 0-9a-f\"></label>"
      "<label>Name <input type=text name=name></label>";
  if (!asked.bot_prompt.empty()) {
    page +=
        "<label><input type=checkbox name=add_friend value=1 checked> add the account as a "
        "friend</label>";
  }
  page +=
      "<button class=yes name=decision value=allow>Allow</button>"
      "<button name=decision value=cancel>Cancel</button></form>";
  return page.append(page_end);
}

Response refused_page(const Error& error) {
  std::string page(page_start);
  page += "<h1>400 Bad Request</h1><p>" + escaped_html(error.message()) + "</p>";
  return html_page(page.append(page_end), status_bad_request);
}

// A test's browser need not fill in the page: `sandbox_user` in the URL is who consents.
Response show_login(State& state, const Request& request) {
  const Authorize asked = authorize_of(request, state);
  const auto user = request.query_value("sandbox_user");
  if (!user) return html_page(login_page(state, asked, request.query));
  if (!is_line_user_id(*user)) refuse("sandbox_user must be U and 32 of 0-9a-f");
  state.people.know(*user, request.query_value("sandbox_name").value_or(""));
  return consented(state, asked, *user, request.query_value("sandbox_friend") == "true");
}

Response decide(State& state, const Request& request) {
  const std::string query = form_value(request, "request").value_or("");
  Request original;
  original.query = query;
  const Authorize asked = authorize_of(original, state);
  if (form_value(request, "decision") == "cancel") {
    return back(asked, form_of({{"error", "access_denied"},
                                {"error_description", "The user has denied the approval"},
                                {"state", asked.state}}));
  }
  std::string user = form_value(request, "user_id").value_or("");
  if (user.empty()) user = form_value(request, "typed_id").value_or("");
  if (!is_line_user_id(user)) refuse("a user id is U and 32 of 0-9a-f");
  const bool is_typed = form_value(request, "user_id").value_or("").empty();
  state.people.know(user, is_typed ? form_value(request, "name").value_or("") : "");
  return consented(state, asked, user, form_value(request, "add_friend") == "1");
}

http::Handler page(State& state, Response (*function)(State&, const Request&)) {
  return http::blocking([&state, function](const Request& request) {
    try {
      return function(state, request);
    } catch (const Error& error) {
      return refused_page(error);
    }
  });
}

}  // namespace

http::Routes authorize_routes(State& state) {
  const auto route = [&](Method method, Response (*function)(State&, const Request&)) {
    return http::Route{method, "/oauth2/v2.1/authorize", http::Access::anyone, Surface::plain,
                       page(state, function)};
  };
  return {route(Method::get, show_login), route(Method::post, decide)};
}

}  // namespace callboard::line::sandbox
