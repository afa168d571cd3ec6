#include "identity/login_attempt.hpp"

#include <fmt/format.h>

#include "crypto/sha256.hpp"

namespace callboard::identity {
namespace {

constexpr std::int64_t pruned_at_once = 8;

std::string hash_of(std::string_view secret) {
  return std::string(view(sha256_hex(secret)));
}

void prune(db::Transaction& transaction, Timestamp now) {
  transaction.execute(
      fmt::format("DELETE FROM login_attempts WHERE state_hash IN"
                  " (SELECT state_hash FROM login_attempts WHERE expires_at_ms <= $1"
                  " ORDER BY expires_at_ms LIMIT $2{})",
                  transaction.skip_locked()),
      {unix_ms(now), pruned_at_once});
}

}  // namespace

void begin_attempt(db::Transaction& transaction, const LoginAttempt& attempt,
                   std::string_view state, std::string_view browser, Timestamp now) {
  prune(transaction, now);
  transaction.execute(
      "INSERT INTO login_attempts (state_hash, app_id, browser_hash, nonce, code_verifier,"
      " redirect_uri, target, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      {hash_of(state), attempt.app_id, hash_of(browser), attempt.nonce, attempt.code_verifier,
       attempt.redirect_uri, attempt.target, unix_ms(now + login_attempt_life)});
}

std::optional<LoginAttempt> take_attempt(db::Transaction& transaction, std::string_view state,
                                         std::string_view browser, Timestamp now) {
  return transaction.first(
      "DELETE FROM login_attempts WHERE state_hash = $1 AND browser_hash = $2"
      " AND expires_at_ms > $3 RETURNING app_id, nonce, code_verifier, redirect_uri, target",
      {hash_of(state), hash_of(browser), unix_ms(now)}, [](const db::Row& row) {
        return LoginAttempt{row.string(0), row.string(1), row.string(2), row.string(3),
                            row.string(4)};
      });
}

}  // namespace callboard::identity
