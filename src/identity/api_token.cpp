#include "identity/api_token.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "identity/sha256.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> role_names = {"viewer", "editor", "admin", "owner"};
constexpr std::size_t token_id_entropy_bytes = 9;

// What read_token expects.
constexpr std::string_view columns =
    "SELECT token_id, workspace_id, role, apps, label, created_at_ms, expires_at_ms,"
    " last_used_at_ms FROM api_tokens WHERE revoked_at_ms IS NULL AND ";

std::vector<std::string> apps_in(std::string_view text) {
  return json::value_to<std::vector<std::string>>(parse_json(text));
}

std::optional<Timestamp> time_at(const db::Row& row, int column) {
  const auto ms = row.optional_integer(column);
  return ms ? std::optional(timestamp_from_ms(*ms)) : std::nullopt;
}

ApiToken read_token(const db::Row& row) {
  const auto role = role_named(row.text(2));
  if (!role) throw Error(ErrorCode::internal, "a stored token has an unknown role");
  ApiToken token{
      row.string(0),   row.string(1),  *role, {}, row.string(4), timestamp_from_ms(row.integer(5)),
      time_at(row, 6), time_at(row, 7)};
  if (!row.is_null(3)) token.apps = apps_in(row.text(3));
  return token;
}

std::string hash_of(std::string_view secret) {
  return std::string(view(sha256_hex(secret)));
}

std::optional<ApiToken> find_by(db::Transaction& transaction, std::string_view column,
                                std::string_view value) {
  return transaction.first(std::string(columns) + std::string(column) + " = $1", {value},
                           read_token);
}

}  // namespace

std::string_view name_of(http::Role role) {
  return role_names[static_cast<std::size_t>(role)];
}

std::optional<http::Role> role_named(std::string_view name) {
  const auto found = std::ranges::find(role_names, name);
  if (found == role_names.end()) return std::nullopt;
  return static_cast<http::Role>(found - role_names.begin());
}

bool ApiToken::may_use(std::string_view app_id) const {
  return !apps || std::ranges::find(*apps, app_id) != apps->end();
}

std::string create_api_token(db::Transaction& transaction, ApiToken token) {
  const std::string secret = std::string(api_token_prefix) + random_token();
  const std::string hash = hash_of(secret);
  const std::string token_id = random_token(token_id_entropy_bytes);
  const std::string apps = token.apps ? json::serialize(json::value_from(*token.apps)) : "";
  const db::Value expires =
      token.expires_at ? db::Value(unix_ms(*token.expires_at)) : db::Value(nullptr);
  transaction.execute(
      "INSERT INTO api_tokens (token_id, workspace_id, hash, role, apps, label, created_at_ms,"
      " expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {token_id, token.workspace_id, hash, name_of(token.role),
       token.apps ? db::Value(apps) : db::Value(nullptr), token.label, unix_ms(token.created_at),
       expires});
  return secret;
}

std::optional<ApiToken> find_api_token(db::Transaction& transaction, std::string_view secret) {
  return find_by(transaction, "hash", hash_of(secret));
}

std::optional<ApiToken> api_token_by_id(db::Transaction& transaction, std::string_view token_id) {
  return find_by(transaction, "token_id", token_id);
}

void touch_api_token(db::Transaction& transaction, std::string_view token_id, Timestamp now) {
  transaction.execute("UPDATE api_tokens SET last_used_at_ms = $2 WHERE token_id = $1",
                      {token_id, unix_ms(now)});
}

void revoke_api_tokens(db::Transaction& transaction, std::string_view workspace_id,
                       std::string_view label, Timestamp now) {
  transaction.execute(
      "UPDATE api_tokens SET revoked_at_ms = $3"
      " WHERE workspace_id = $1 AND label = $2 AND revoked_at_ms IS NULL",
      {workspace_id, label, unix_ms(now)});
}

}  // namespace callboard::identity
