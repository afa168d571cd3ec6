#include "identity/operator_gate.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"

namespace callboard::identity {
namespace {

constexpr std::string_view scheme = "Bearer ";

// What request.caller's views look into.
struct Operator {
  ApiToken token;
  std::string app_id;
  std::string actor;
};

Error unauthenticated(const char* why) {
  return Error(ErrorCode::unauthenticated, why);
}

std::string_view bearer_of(const http::Request& request) {
  std::string_view value = request.header("Authorization").value_or("");
  if (value.empty()) throw unauthenticated("api token is missing");
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

}  // namespace

void OperatorGate::admit(const http::Route& route, http::Request& request) {
  auto caller = std::make_shared<Operator>();
  caller->token = identify(request);
  caller->actor = "token:" + caller->token.token_id;
  const ApiToken& token = caller->token;
  const auto workspace_id = parameter_named("{workspace_id}", route, request);
  const auto app_id = parameter_named("{app_id}", route, request);
  if (workspace_id && *workspace_id != token.workspace_id) {
    throw Error(ErrorCode::not_found, "there is no such workspace");
  }
  if (app_id) require_application(token, *app_id);
  if (workspace_id && !app_id && token.apps) {
    throw Error(ErrorCode::forbidden, "this api token is for some applications only");
  }
  const http::Role required = required_role(route.access);
  if (token.role < required) {
    throw Error(ErrorCode::forbidden, "this needs the role " + std::string(name_of(required)));
  }
  caller->app_id = app_id.value_or("");
  touch(token);
  request.caller.workspace_id = token.workspace_id;
  request.caller.app_id = caller->app_id;
  request.caller.actor = caller->actor;
  request.caller.role = token.role;
  request.caller.owner = std::move(caller);
}

ApiToken OperatorGate::identify(const http::Request& request) const {
  const std::string_view secret = bearer_of(request);
  auto token = database_.get(
      [&](db::Transaction& transaction) { return find_api_token(transaction, secret); });
  if (!token) throw unauthenticated("api token is invalid");
  if (token->expires_at && clock_.now() >= *token->expires_at) {
    throw unauthenticated("api token is expired");
  }
  return std::move(*token);
}

void OperatorGate::require_application(const ApiToken& token, std::string_view app_id) const {
  const auto application = token.may_use(app_id) ? applications_.get(app_id) : nullptr;
  if (application && application->workspace_id == token.workspace_id) return;
  throw Error(ErrorCode::not_found, "there is no such application");
}

void OperatorGate::touch(const ApiToken& token) {
  const Timestamp now = clock_.now();
  if (token.last_used_at && now - *token.last_used_at < touch_period) return;
  database_.write(
      [token_id = token.token_id, now](db::Transaction& transaction) {
        touch_api_token(transaction, token_id, now);
      },
      [](std::exception_ptr error) {
        if (error) log::warning("token_use_not_recorded");
      });
}

}  // namespace callboard::identity
