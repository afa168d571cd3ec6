#include "identity/operator_gate.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"
#include "identity/api_token.hpp"
#include "identity/member.hpp"
#include "identity/member_session.hpp"

namespace callboard::identity {

// What request.caller's views look into.
struct OperatorGate::Operator {
  std::string workspace_id;
  std::string app_id;
  std::string actor;
  http::Role role = http::Role::viewer;
  std::optional<std::vector<std::string>> apps;  // nothing: all of the workspace
  bool is_from_command_line = false;
};

namespace {

constexpr std::string_view scheme = "Bearer ";

Error unauthenticated(const char* why) {
  return Error(ErrorCode::unauthenticated, why);
}

std::string_view bearer_of(const http::Request& request) {
  const std::string_view value = request.header("Authorization").value_or("");
  if (!http::equal_ignoring_case(value.substr(0, scheme.size()), scheme)) {
    throw unauthenticated("api token is invalid");
  }
  return value.substr(scheme.size());
}

// The path segment that stands where the route's pattern has `{name}`. Nothing: it has none.
std::optional<std::string> parameter_named(std::string_view name, const http::Route& route,
                                           const http::Request& request) {
  const std::size_t at = route.path.find(name);
  if (at == std::string::npos) return std::nullopt;
  const auto before = std::ranges::count(route.path.substr(0, at), '{');
  return request.parameter(static_cast<std::size_t>(before));
}

http::Role required_role(http::Access access) {
  switch (access) {
    case http::Access::viewer:
      return http::Role::viewer;
    case http::Access::editor:
      return http::Role::editor;
    case http::Access::admin:
      return http::Role::admin;
    default:
      return http::Role::owner;
  }
}

Error no_workspace() {
  return {ErrorCode::not_found, "there is no such workspace"};
}

http::Role highest_role(const std::vector<Membership>& memberships) {
  auto highest = http::Role::viewer;
  for (const Membership& membership : memberships) highest = std::max(highest, membership.role);
  return highest;
}

}  // namespace

void OperatorGate::admit(const http::Route& route, http::Request& request) {
  const auto workspace_id = parameter_named("{workspace_id}", route, request);
  const auto app_id = parameter_named("{app_id}", route, request);
  auto caller = std::make_shared<Operator>(request.header("Authorization")
                                               ? by_token(request, workspace_id)
                                               : by_session(route, request, workspace_id));
  if (app_id) require_application(*caller, *app_id);
  const http::Role required = required_role(route.access);
  // Of what belongs to no application, such a token may only ask who it is.
  const bool is_for_whole = workspace_id || required != http::Role::viewer;
  if (!app_id && is_for_whole && caller->apps) {
    throw Error(ErrorCode::forbidden, "this api token is for some applications only");
  }
  if (route.access == http::Access::host && !caller->is_from_command_line) {
    throw Error(ErrorCode::forbidden, "this needs an API token made on the server's command line");
  }
  caller->app_id = app_id.value_or("");
  let_pass(std::move(caller), required, request);
}

void OperatorGate::admit_editor(const http::Route& route, http::Request& request,
                                const NamedApp& named) {
  const auto workspace_of = [&](const std::string& app_id) {
    return applications_.require(app_id)->workspace_id;
  };
  std::shared_ptr<Operator> caller;
  if (request.header("Authorization")) {
    caller = std::make_shared<Operator>(by_token(request, std::nullopt));
    const bool is_for_one = caller->apps && caller->apps->size() == 1;
    caller->app_id = is_for_one ? caller->apps->front() : *named();
  } else {
    const auto app_id = named();
    caller = std::make_shared<Operator>(by_session(route, request, workspace_of(*app_id)));
    caller->app_id = *app_id;
  }
  require_application(*caller, caller->app_id);
  let_pass(std::move(caller), http::Role::editor, request);
}

void OperatorGate::let_pass(std::shared_ptr<Operator> caller, http::Role required,
                            http::Request& request) {
  if (caller->role < required) {
    throw Error(ErrorCode::forbidden, "this needs the role " + std::string(name_of(required)));
  }
  request.caller.workspace_id = caller->workspace_id;
  request.caller.app_id = caller->app_id;
  request.caller.actor = caller->actor;
  request.caller.role = caller->role;
  request.caller.owner = std::move(caller);
}

OperatorGate::Operator OperatorGate::by_token(
    const http::Request& request, const std::optional<std::string>& workspace_id) const {
  const std::string_view secret = bearer_of(request);
  const Timestamp now = clock_.now();
  const auto token = database_.get(
      [&](db::Transaction& transaction) { return find_api_token(transaction, secret); });
  if (!token) throw unauthenticated("api token is invalid");
  if (token->expires_at && now >= *token->expires_at) {
    throw unauthenticated("api token is expired");
  }
  if (workspace_id && *workspace_id != token->workspace_id) throw no_workspace();
  record_use(token->last_used_at, [token_id = token->token_id, now](db::Transaction& transaction) {
    touch_api_token(transaction, token_id, now);
  });
  Operator caller;
  caller.workspace_id = token->workspace_id;
  caller.actor = std::string(token_actor) + token->token_id;
  caller.role = token->role;
  caller.apps = token->apps;
  caller.is_from_command_line = token->member_id.empty();
  return caller;
}

OperatorGate::Operator OperatorGate::by_session(
    const http::Route& route, const http::Request& request,
    const std::optional<std::string>& workspace_id) const {
  const auto secret = session_cookie(request);
  if (!secret) throw unauthenticated("api token is missing");
  if (!http::is_safe(route)) own_address_.require_own_page(request);
  const Timestamp now = clock_.now();
  return database_.get([&](db::Transaction& transaction) {
    const auto session = find_session(transaction, *secret, now);
    if (!session) throw unauthenticated("the session has ended");
    Operator caller;
    caller.actor = std::string(member_actor) + session->member_id;
    if (workspace_id) {
      const auto role = role_of(transaction, *workspace_id, session->member_id);
      if (!role) throw no_workspace();
      caller.workspace_id = *workspace_id;
      caller.role = *role;
    } else {
      caller.role = highest_role(memberships_of(transaction, session->member_id));
    }
    record_use(session->last_used_at,
               [secret = std::string(*secret), now](db::Transaction& writing) {
                 touch_session(writing, secret, now);
               });
    return caller;
  });
}

void OperatorGate::require_application(const Operator& caller, std::string_view app_id) const {
  const bool may_use =
      !caller.apps || std::ranges::find(*caller.apps, app_id) != caller.apps->end();
  const auto application = may_use ? applications_.get(app_id) : nullptr;
  if (application && application->workspace_id == caller.workspace_id) return;
  throw Error(ErrorCode::not_found, "there is no such application");
}

void OperatorGate::record_use(std::optional<Timestamp> last,
                              std::function<void(db::Transaction&)> touch) const {
  if (last && clock_.now() - *last < touch_period) return;
  database_.write(std::move(touch), [](std::exception_ptr error) {
    if (error) log::warning("use_not_recorded");
  });
}

}  // namespace callboard::identity
