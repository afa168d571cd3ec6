#include "identity/api_token.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "crypto/sha256.hpp"
#include "identity/one_time_link.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> role_names = {"viewer", "editor", "admin", "owner"};
// What read_token expects. A token whose member left is none.
constexpr std::string_view columns =
    "SELECT t.token_id, t.workspace_id, t.role, t.apps, t.label, t.created_at_ms, t.expires_at_ms,"
    " t.last_used_at_ms, t.member_id, m.role FROM api_tokens t LEFT JOIN memberships m"
    " ON m.workspace_id = t.workspace_id AND m.member_id = t.member_id"
    " WHERE t.revoked_at_ms IS NULL AND (t.member_id IS NULL OR m.role IS NOT NULL) AND ";

std::vector<std::string> apps_in(std::string_view text) {
  return json::value_to<std::vector<std::string>>(parse_json(text));
}

std::optional<Timestamp> time_at(const db::Row& row, int column) {
  const auto ms = row.optional_integer(column);
  return ms ? std::optional(timestamp_from_ms(*ms)) : std::nullopt;
}

http::Role role_in(std::string_view text) {
  if (const auto role = role_named(text)) return *role;
  throw Error(ErrorCode::internal, "a stored token has an unknown role");
}

ApiToken read_token(const db::Row& row) {
  ApiToken token{row.string(0),
                 row.string(1),
                 role_in(row.text(2)),
                 {},
                 row.string(4),
                 timestamp_from_ms(row.integer(5)),
                 time_at(row, 6),
                 time_at(row, 7),
                 row.optional_string(8).value_or("")};
  if (!row.is_null(3)) token.apps = apps_in(row.text(3));
  if (!row.is_null(9)) token.role = std::min(token.role, role_in(row.text(9)));
  return token;
}

std::string hash_of(std::string_view secret) {
  return std::string(view(sha256_hex(secret)));
}

std::optional<ApiToken> find_by(db::Transaction& transaction, std::string_view column,
                                std::string_view value) {
  return transaction.first(std::string(columns) + "t." + std::string(column) + " = $1", {value},
                           read_token);
}

void require_room(db::Transaction& transaction, std::string_view workspace_id) {
  transaction.lock("api_tokens/" + std::string(workspace_id));
  const auto live = transaction.first(
      "SELECT count(*) FROM api_tokens WHERE workspace_id = $1 AND revoked_at_ms IS NULL",
      {workspace_id}, [](const db::Row& row) { return row.integer(0); });
  if (live < std::int64_t{max_api_tokens}) return;
  throw Error(ErrorCode::conflict, "the workspace has as many api tokens as it may");
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

IssuedToken create_api_token(db::Transaction& transaction, const ApiToken& token) {
  require_room(transaction, token.workspace_id);
  IssuedToken issued{random_id(), std::string(api_token_prefix) + random_token()};
  const std::string hash = hash_of(issued.secret);
  const std::string apps = token.apps ? json::serialize(json::value_from(*token.apps)) : "";
  const db::Value expires =
      token.expires_at ? db::Value(unix_ms(*token.expires_at)) : db::Value(nullptr);
  transaction.execute(
      "INSERT INTO api_tokens (token_id, workspace_id, hash, role, apps, label, created_at_ms,"
      " expires_at_ms, member_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {issued.token_id, token.workspace_id, hash, name_of(token.role),
       token.apps ? db::Value(apps) : db::Value(nullptr), token.label, unix_ms(token.created_at),
       expires, token.member_id.empty() ? db::Value(nullptr) : db::Value(token.member_id)});
  return issued;
}

std::optional<ApiToken> find_api_token(db::Transaction& transaction, std::string_view secret) {
  return find_by(transaction, "hash", hash_of(secret));
}

std::optional<ApiToken> api_token_by_id(db::Transaction& transaction, std::string_view token_id) {
  return find_by(transaction, "token_id", token_id);
}

std::vector<ApiToken> list_api_tokens(db::Transaction& transaction, std::string_view workspace_id) {
  std::vector<ApiToken> tokens;
  transaction.query(std::string(columns) +
                        "t.workspace_id = $1 ORDER BY t.created_at_ms DESC, t.token_id LIMIT $2",
                    {workspace_id, std::int64_t{max_api_tokens}},
                    [&](const db::Row& row) { tokens.push_back(read_token(row)); });
  return tokens;
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

void revoke_api_token(db::Transaction& transaction, std::string_view workspace_id,
                      std::string_view token_id, Timestamp now) {
  const auto revoked = transaction.execute(
      "UPDATE api_tokens SET revoked_at_ms = $3"
      " WHERE workspace_id = $1 AND token_id = $2 AND revoked_at_ms IS NULL",
      {workspace_id, token_id, unix_ms(now)});
  if (revoked == 0) throw Error(ErrorCode::not_found, "there is no such api token");
  withdraw_links_of(transaction, std::string(token_actor) + std::string(token_id));
}

}  // namespace callboard::identity
