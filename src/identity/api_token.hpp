#pragma once

// API tokens: operators' keys for automation, `Authorization: Bearer cbk_...`. A token belongs to a
// workspace, may be limited to some of its applications, and has a role, but never a higher one
// than the member behind it has by now; it ends with their membership. Only its SHA-256 is kept.
//
// Each function is one step of the caller's transaction. Errors: those of db::Transaction.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/request.hpp"

namespace callboard::identity {

inline constexpr std::string_view api_token_prefix = "cbk_";

std::string_view name_of(http::Role role);  // "viewer"
std::optional<http::Role> role_named(std::string_view name);

inline constexpr std::size_t max_api_tokens = 1000;        // of a workspace
inline constexpr std::string_view token_actor = "token:";  // before the id, in the audit log

struct ApiToken {
  std::string token_id;
  std::string workspace_id;
  http::Role role = http::Role::viewer;
  std::optional<std::vector<std::string>> apps;  // nothing: every application of the workspace
  std::string label;
  Timestamp created_at;
  std::optional<Timestamp> expires_at;
  std::optional<Timestamp> last_used_at;
  std::string member_id;  // who made it, directly or by another token; empty: the command line
};

struct IssuedToken {
  std::string token_id;
  std::string secret;  // can't be had again
};

// Stores `token` with a new id. Throws Error{conflict} where as many are live as may be.
IssuedToken create_api_token(db::Transaction& transaction, const ApiToken& token);
// The token with that secret, unless it was revoked. It may have expired.
std::optional<ApiToken> find_api_token(db::Transaction& transaction, std::string_view secret);
std::optional<ApiToken> api_token_by_id(db::Transaction& transaction, std::string_view token_id);
std::vector<ApiToken> list_api_tokens(db::Transaction& transaction, std::string_view workspace_id);
void touch_api_token(db::Transaction& transaction, std::string_view token_id, Timestamp now);
// All of a workspace's that have this label.
void revoke_api_tokens(db::Transaction& transaction, std::string_view workspace_id,
                       std::string_view label, Timestamp now);
// One token, and the one-time links it made. Throws Error{not_found}.
void revoke_api_token(db::Transaction& transaction, std::string_view workspace_id,
                      std::string_view token_id, Timestamp now);

}  // namespace callboard::identity
