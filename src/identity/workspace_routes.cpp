#include "identity/workspace_routes.hpp"

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"
#include "http/calls.hpp"
#include "identity/api_token.hpp"
#include "identity/member.hpp"
#include "identity/member_shown.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;

struct WorkspaceCalls {
  db::Database& database;
  const Clock& clock;

  Response me(const Request& request) const;
  Response list(const Request& request) const;
  void create(const Request& request, Responder responder) const;
  void erase(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes workspace_routes(db::Database& database, const Clock& clock) {
  const http::Calls call(WorkspaceCalls{database, clock});
  constexpr auto surface = http::Surface::console;
  return {
      {Method::get, "/api/me", Access::viewer, surface, call(&WorkspaceCalls::me)},
      {Method::get, "/api/workspace", Access::viewer, surface, call(&WorkspaceCalls::list)},
      {Method::post, "/api/workspace", Access::admin, surface, call(&WorkspaceCalls::create)},
      {Method::delete_, "/api/workspace/{workspace_id}", Access::owner, surface,
       call(&WorkspaceCalls::erase)},
  };
}

namespace {

// The member's id; nothing for a token.
std::optional<std::string_view> member_in(const Request& request) {
  if (!request.caller.actor.starts_with(member_actor)) return std::nullopt;
  return request.caller.actor.substr(member_actor.size());
}

json::object shown_token(db::Transaction& transaction, const Request& request) {
  const auto token = api_token_by_id(transaction, request.caller.actor.substr(token_actor.size()));
  if (!token) throw Error(ErrorCode::unauthenticated, "api token is invalid");
  return {{"actor", request.caller.actor},
          {"label", token->label},
          {"workspace_id", token->workspace_id},
          {"role", name_of(token->role)},
          {"apps", token->apps ? json::value_from(*token->apps) : json::value(nullptr)},
          {"expires_at", or_null(token->expires_at)}};
}

json::object shown_member(db::Transaction& transaction, const Request& request,
                          std::string_view member_id) {
  const auto member = find_member(transaction, member_id);
  if (!member) throw Error(ErrorCode::unauthenticated, "the session has ended");
  json::object object = to_json(*member);
  object["actor"] = request.caller.actor;
  object["workspaces"] = to_json(memberships_of(transaction, member_id));
  return object;
}

Response WorkspaceCalls::me(const Request& request) const {
  const auto member_id = member_in(request);
  return http::json_response(json::serialize(database.get([&](db::Transaction& transaction) {
    return member_id ? shown_member(transaction, request, *member_id)
                     : shown_token(transaction, request);
  })));
}

std::vector<Membership> workspace_of_token(db::Transaction& transaction, const Request& request) {
  const auto workspace = audience::find_workspace(transaction, request.caller.workspace_id);
  if (!workspace) return {};
  return {{workspace->workspace_id, workspace->name, request.caller.role}};
}

Response WorkspaceCalls::list(const Request& request) const {
  const auto member_id = member_in(request);
  const auto workspaces = database.get([&](db::Transaction& transaction) {
    return member_id ? memberships_of(transaction, *member_id)
                     : workspace_of_token(transaction, request);
  });
  return http::json_response(json::serialize(json::object{{"workspaces", to_json(workspaces)}}));
}

std::string name_in(const Request& request) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("name");
  auto name = reader.string("name");
  const std::size_t characters = name ? count_characters(*name) : 1;
  if (characters < 1 || characters > audience::max_name_characters) {
    reader.refuse(
        "name", "must have 1 to " + std::to_string(audience::max_name_characters) + " characters");
  }
  reader.finish();
  return std::move(*name);
}

void WorkspaceCalls::create(const Request& request, Responder responder) const {
  const auto member_id = member_in(request);
  if (!member_id) throw Error(ErrorCode::forbidden, "only a member can create a workspace");
  const Timestamp now = clock.now();
  const audience::Workspace workspace{"ws-" + random_id(), name_in(request), now};
  audience::AuditEntry entry =
      audience::audit_entry(request, "workspace.create", "workspace/" + workspace.workspace_id);
  entry.workspace_id = workspace.workspace_id;
  entry.after = json::serialize(json::object{{"name", workspace.name}});
  audience::answer_after_write(
      database, std::move(responder),
      [workspace, entry = std::move(entry), member_id = std::string(*member_id),
       now](db::Transaction& transaction) {
        audience::create_workspace(transaction, workspace);
        set_role(transaction, workspace.workspace_id, member_id, http::Role::owner, now);
        audience::record(transaction, entry, now);
        return http::json_response(
            json::serialize(json::object{{"workspace_id", workspace.workspace_id},
                                         {"name", workspace.name},
                                         {"role", "owner"}}));
      });
}

void WorkspaceCalls::erase(const Request& request, Responder responder) const {
  const std::string workspace_id = request.parameter(0);
  audience::require_confirmation(request.body, workspace_id);
  audience::answer_after_write(
      database, std::move(responder),
      [entry = audience::audit_entry(request, "workspace.delete", "workspace/" + workspace_id),
       workspace_id, now = clock.now()](db::Transaction& transaction) {
        audience::delete_workspace(transaction, workspace_id);
        audience::record(transaction, entry, now);
        return http::json_response("{}");
      });
}

}  // namespace
}  // namespace callboard::identity
