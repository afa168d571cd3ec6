#include "identity/token_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "http/calls.hpp"
#include "identity/api_token.hpp"
#include "identity/member.hpp"
#include "identity/member_shown.hpp"
#include "identity/operator_input.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;

struct TokenCalls {
  db::Database& database;
  const Clock& clock;

  Response list(const Request& request) const;
  void create(const Request& request, Responder responder) const;
  void revoke(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes token_routes(db::Database& database, const Clock& clock) {
  const http::Calls call(TokenCalls{database, clock});
  const std::string tokens = "/api/workspace/{workspace_id}/tokens";
  constexpr auto surface = http::Surface::console;
  return {
      {Method::get, tokens, Access::admin, surface, call(&TokenCalls::list)},
      {Method::post, tokens, Access::admin, surface, call(&TokenCalls::create)},
      {Method::delete_, tokens + "/{token_id}", Access::admin, surface, call(&TokenCalls::revoke)},
  };
}

namespace {

constexpr std::size_t max_apps = 100;  // that one token names
constexpr std::size_t max_label_characters = 255;
constexpr std::int64_t shortest_life_s = 60;
constexpr std::int64_t longest_life_s = std::int64_t{10} * 366 * 86'400;

Response TokenCalls::list(const Request& request) const {
  const auto tokens = database.get([&](db::Transaction& transaction) {
    return list_api_tokens(transaction, request.caller.workspace_id);
  });
  json::array listed;
  for (const ApiToken& token : tokens) listed.push_back(to_json(token));
  return http::json_response(json::serialize(json::object{{"tokens", std::move(listed)}}));
}

std::optional<std::vector<std::string>> read_apps(JsonReader& reader) {
  const json::value* given = reader.find("apps");
  if (given == nullptr || given->is_null()) return std::nullopt;
  const json::array* elements = given->if_array();
  if (elements == nullptr || elements->empty() || elements->size() > max_apps) {
    reader.refuse("apps", "must be an array of 1 to " + std::to_string(max_apps) + " app ids");
    return std::nullopt;
  }
  std::vector<std::string> apps;
  for (const json::value& element : *elements) {
    const json::string* const app_id = element.if_string();
    if (app_id != nullptr && audience::is_id(*app_id)) apps.emplace_back(*app_id);
  }
  if (apps.size() != elements->size()) reader.refuse("apps", "must hold app ids only");
  return apps;
}

ApiToken token_in(const Request& request, Timestamp now) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  ApiToken token;
  reader.require("label");
  token.label = reader.string("label").value_or("");
  if (reader.find("label") != nullptr &&
      (token.label.empty() || count_characters(token.label) > max_label_characters)) {
    reader.refuse("label",
                  "must have 1 to " + std::to_string(max_label_characters) + " characters");
  }
  token.role = read_role(reader);
  token.apps = read_apps(reader);
  const auto life_s = reader.integer("expires_in", shortest_life_s, longest_life_s);
  reader.finish();
  token.workspace_id = request.caller.workspace_id;
  token.created_at = now;
  if (life_s) token.expires_at = now + std::chrono::seconds{*life_s};
  return token;
}

// The member behind the new token; one that another token makes does not outlive that.
void bind_to_maker(db::Transaction& transaction, const Request& request, ApiToken& token) {
  const std::string_view actor = request.caller.actor;
  if (actor.starts_with(member_actor)) {
    token.member_id = actor.substr(member_actor.size());
    return;
  }
  const auto maker = api_token_by_id(transaction, actor.substr(token_actor.size()));
  if (!maker) throw Error(ErrorCode::unauthenticated, "api token is invalid");
  token.member_id = maker->member_id;
  if (!maker->expires_at) return;
  token.expires_at = std::min(token.expires_at.value_or(*maker->expires_at), *maker->expires_at);
}

void require_apps(db::Transaction& transaction, const ApiToken& token) {
  if (!token.apps) return;
  for (const std::string& app_id : *token.apps) {
    const auto application = audience::find_application(transaction, app_id);
    if (application && application->workspace_id == token.workspace_id) continue;
    throw invalid_at("/apps", "there is no application " + app_id);
  }
}

void TokenCalls::create(const Request& request, Responder responder) const {
  const Timestamp now = clock.now();
  ApiToken wanted = token_in(request, now);
  require_within(request, wanted.role);
  audience::answer_after_write(
      database, std::move(responder),
      [&request, wanted = std::move(wanted), now](db::Transaction& transaction) {
        ApiToken token = wanted;
        require_apps(transaction, token);
        bind_to_maker(transaction, request, token);
        const IssuedToken issued = create_api_token(transaction, token);
        token.token_id = issued.token_id;
        json::object shown = to_json(token);
        audience::AuditEntry entry =
            audience::audit_entry(request, "token.create", "token/" + token.token_id);
        entry.after = json::serialize(shown);
        audience::record(transaction, entry, now);
        shown["secret"] = issued.secret;
        Response response = http::json_response(json::serialize(shown));
        response.header("Cache-Control", "no-store");
        return response;
      });
}

void TokenCalls::revoke(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder), [&request, now = clock.now()](db::Transaction& transaction) {
        const auto token = api_token_by_id(transaction, request.parameter(1));
        if (!token || token->workspace_id != request.caller.workspace_id) {
          throw Error(ErrorCode::not_found, "there is no such api token");
        }
        require_within(request, token->role);
        revoke_api_token(transaction, token->workspace_id, token->token_id, now);
        audience::AuditEntry entry =
            audience::audit_entry(request, "token.revoke", "token/" + token->token_id);
        entry.before = json::serialize(to_json(*token));
        audience::record(transaction, entry, now);
        return http::json_response("{}");
      });
}

}  // namespace
}  // namespace callboard::identity
