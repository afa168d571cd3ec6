#include "identity/sessions.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/error.hpp"
#include "base/random.hpp"

namespace callboard::identity {
namespace {

// What is hashed holds the prefix, so a token can't change its kind.
constexpr std::string_view prefix_of(SessionKind kind) {
  return kind == SessionKind::person ? "cbp_" : "cbr_";
}
constexpr std::chrono::seconds life_of(SessionKind kind) {
  return kind == SessionKind::person ? access_life : session_life;
}
constexpr std::size_t family_entropy_bytes = 12;
constexpr std::int64_t pruned_at_once = 4;

std::string hash_of(std::string_view refresh_token) {
  return std::string(view(sha256_hex(refresh_token)));
}

const AppKeys::TokenKey& newest_session_key(const AppKeys& keys) {
  if (keys.session.empty()) {
    throw Error(ErrorCode::internal, "the application has no key for sessions");
  }
  return keys.session.front();
}

void prune(db::Transaction& transaction, Timestamp now) {
  transaction.execute(
      fmt::format("DELETE FROM refresh_tokens WHERE (app_id, hash) IN"
                  " (SELECT app_id, hash FROM refresh_tokens WHERE expires_at_ms <= $1"
                  " ORDER BY expires_at_ms LIMIT $2{})",
                  transaction.skip_locked()),
      {unix_ms(now), pruned_at_once});
}

void insert(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
            std::string_view family, const std::string& hash, Timestamp now) {
  transaction.execute(
      "INSERT INTO refresh_tokens (app_id, hash, user_id, family, created_at_ms, expires_at_ms)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      {app_id, hash, user_id, family, unix_ms(now), unix_ms(now + refresh_life)});
}

}  // namespace

void lock_sessions(db::Transaction& transaction, std::string_view app_id,
                   std::string_view user_id) {
  transaction.lock(fmt::format("sessions/{}/{}", app_id, user_id));
}

OpenedSession Sessions::open(db::Transaction& transaction, const AppKeys& keys,
                             std::string_view app_id, std::string_view user_id,
                             SessionKind kind) const {
  return continue_family(transaction, keys, app_id, user_id, random_token(family_entropy_bytes),
                         kind);
}

std::optional<OpenedSession> Sessions::refresh(db::Transaction& transaction, const AppKeys& keys,
                                               std::string_view app_id,
                                               std::string_view refresh_token,
                                               SessionKind kind) const {
  if (!refresh_token.starts_with(prefix_of(kind))) return std::nullopt;
  const std::string hash = hash_of(refresh_token);
  const auto owner = transaction.first(
      "SELECT user_id, family FROM refresh_tokens WHERE app_id = $1 AND hash = $2", {app_id, hash},
      [](const db::Row& row) { return std::pair(row.string(0), row.string(1)); });
  if (!owner) return std::nullopt;
  const auto& [user_id, family] = *owner;
  lock_sessions(transaction, app_id, user_id);
  const auto used = transaction.execute(
      "UPDATE refresh_tokens SET used_at_ms = $3 WHERE app_id = $1 AND hash = $2"
      " AND used_at_ms IS NULL AND expires_at_ms > $3",
      {app_id, hash, unix_ms(clock_.now())});
  if (used == 1) return continue_family(transaction, keys, app_id, user_id, family, kind);
  revoke_reused(transaction, app_id, hash);
  return std::nullopt;
}

OpenedSession Sessions::continue_family(db::Transaction& transaction, const AppKeys& keys,
                                        std::string_view app_id, std::string_view user_id,
                                        std::string_view family, SessionKind kind) const {
  const Timestamp now = clock_.now();
  OpenedSession opened;
  opened.user_id = user_id;
  opened.session_token = mint_session_token(
      newest_session_key(keys),
      {std::string(app_id), opened.user_id, std::string(family), unix_seconds(now),
       unix_seconds(now + life_of(kind)), kind == SessionKind::person});
  opened.expires_in = life_of(kind);
  opened.refresh_token = std::string(prefix_of(kind));
  if (kind == SessionKind::person) opened.refresh_token.append(app_id).append(".");
  opened.refresh_token += random_token();
  prune(transaction, now);
  insert(transaction, app_id, user_id, family, hash_of(opened.refresh_token), now);
  return opened;
}

std::optional<std::string_view> app_of_refresh_token(std::string_view token) {
  const std::string_view prefix = prefix_of(SessionKind::person);
  if (!token.starts_with(prefix)) return std::nullopt;
  token.remove_prefix(prefix.size());
  const auto dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  return token.substr(0, dot);
}

void Sessions::end(db::Transaction& transaction, std::string_view app_id,
                   const Which& which) const {
  std::string family = which.family;
  if (family.empty()) {
    family = transaction
                 .first("SELECT family FROM refresh_tokens WHERE app_id = $1 AND hash = $2",
                        {app_id, hash_of(which.refresh_token)},
                        [](const db::Row& row) { return row.string(0); })
                 .value_or("");
  }
  if (!family.empty()) end_family(transaction, app_id, family);
}

// A refresh at the same time must not leave a token of the family behind.
void Sessions::end_family(db::Transaction& transaction, std::string_view app_id,
                          std::string_view family) const {
  const auto user_id = transaction.first(
      "SELECT user_id FROM refresh_tokens WHERE app_id = $1 AND family = $2 LIMIT 1",
      {app_id, family}, [](const db::Row& row) { return row.string(0); });
  if (user_id) lock_sessions(transaction, app_id, *user_id);
  transaction.execute("DELETE FROM refresh_tokens WHERE app_id = $1 AND family = $2",
                      {app_id, family});
  trust_.revoke(transaction, app_id, family);
}

void Sessions::revoke_reused(db::Transaction& transaction, std::string_view app_id,
                             std::string_view hash) const {
  const auto family = transaction.first(
      "SELECT family FROM refresh_tokens"
      " WHERE app_id = $1 AND hash = $2 AND used_at_ms IS NOT NULL",
      {app_id, hash}, [](const db::Row& row) { return row.string(0); });
  if (family) end_family(transaction, app_id, *family);
}

}  // namespace callboard::identity
