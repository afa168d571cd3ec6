#include "quizzes/idempotency.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "crypto/sha256.hpp"

namespace callboard::quizzes {
namespace {

constexpr std::size_t pruned_besides = 100;

// The type comes last, as it alone may hold a slash.
std::string digest_of(const Increment& increment) {
  const auto digest = sha256_hex(fmt::format("{}/{}/{}/{}", increment.quiz, increment.count,
                                             increment.user_id, increment.type));
  return std::string(view(digest));
}

}  // namespace

std::optional<Outcome> find_request(db::Transaction& transaction, const Increment& increment,
                                    Timestamp now) {
  return transaction.first(
      "SELECT request, added, replaced FROM quiz_requests"
      " WHERE app_id = $1 AND caller = $2 AND request_key = $3 AND expires_at_ms > $4",
      {increment.app_id, increment.caller, increment.idempotency_key, unix_ms(now)},
      [&](const db::Row& row) -> Outcome {
        if (row.text(0) == digest_of(increment))
          return Counted{row.integer(1), row.string(2), true};
        return tl::unexpected(
            Error(ErrorCode::conflict, "the Idempotency-Key was used for another request"));
      });
}

std::optional<Outcome> claim_request(db::Transaction& transaction, const Increment& increment,
                                     const Counted& counted, Timestamp now) {
  // On several nodes the same request may come at once: the second waits here for the first.
  const auto claimed = transaction.execute(
      "INSERT INTO quiz_requests"
      " (app_id, caller, request_key, request, added, replaced, expires_at_ms)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (app_id, caller, request_key) DO UPDATE"
      " SET request = excluded.request, added = excluded.added, replaced = excluded.replaced,"
      " expires_at_ms = excluded.expires_at_ms WHERE quiz_requests.expires_at_ms <= $8",
      {increment.app_id, increment.caller, increment.idempotency_key, digest_of(increment),
       counted.added, counted.replaced, unix_ms(now + idempotency_life), unix_ms(now)});
  if (claimed > 0) return std::nullopt;
  return find_request(transaction, increment, now);
}

void prune_requests(db::Transaction& transaction, std::size_t new_ones, Timestamp now) {
  transaction.execute(fmt::format("DELETE FROM quiz_requests WHERE (app_id, caller, request_key) IN"
                                  " (SELECT app_id, caller, request_key FROM quiz_requests"
                                  " WHERE expires_at_ms <= $1 ORDER BY expires_at_ms LIMIT $2{})",
                                  transaction.skip_locked()),
                      {unix_ms(now), static_cast<std::int64_t>(new_ones + pruned_besides)});
}

}  // namespace callboard::quizzes
