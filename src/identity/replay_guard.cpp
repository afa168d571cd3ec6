#include "identity/replay_guard.hpp"

#include <fmt/format.h>

#include <atomic>
#include <memory>

#include "base/error.hpp"
#include "base/log.hpp"

namespace callboard::identity {
namespace {

constexpr std::size_t fingerprint_bytes = 15;
constexpr std::int64_t pruned_at_once = 4;  // more than come in: the table shrinks back
// Records outlive their window, for nodes whose clocks differ.
constexpr std::chrono::minutes record_life{10};

std::string fingerprint_of(std::string_view app_id, std::string_view user_id,
                           const RequestSignature& signature) {
  std::string text(app_id);
  for (const std::string_view part : {user_id, signature.time, signature.nonce}) {
    text += '\n';
    text += part;
  }
  return std::string(view(sha256(text)).substr(0, fingerprint_bytes));
}

Error replayed() {
  return Error(ErrorCode::bad_signature, "nonce replayed");
}

Error full() {
  return Error(ErrorCode::unavailable, "too many signed writes").with_retry_after(signature_window);
}

// Whether it was not there yet.
bool insert(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
            std::int64_t unix_s, std::string_view nonce, Timestamp now) {
  transaction.execute(
      fmt::format(
          "DELETE FROM used_nonces WHERE (app_id, user_id, signed_at_s, nonce) IN"
          " (SELECT app_id, user_id, signed_at_s, nonce FROM used_nonces WHERE signed_at_s < $1"
          " ORDER BY signed_at_s LIMIT $2{})",
          transaction.skip_locked()),
      {unix_seconds(now - record_life), pruned_at_once});
  return transaction.execute(
             "INSERT INTO used_nonces (app_id, user_id, signed_at_s, nonce)"
             " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
             {app_id, user_id, unix_s, nonce}) == 1;
}

}  // namespace

void ReplayGuard::spend(std::string_view app_id, std::string_view user_id,
                        const RequestSignature& signature) {
  remember(fingerprint_of(app_id, user_id, signature), signature.unix_s);
  if (database_.is_shared())
    spend_among_nodes(app_id, user_id, signature);
  else
    spend_alone(app_id, user_id, signature);
}

void ReplayGuard::remember(Fingerprint fingerprint, std::int64_t unix_s) {
  const std::int64_t oldest = unix_seconds(clock_.now() - signature_window) / bucket_span.count();
  const std::lock_guard lock(mutex_);
  while (!buckets_.empty() && buckets_.begin()->first < oldest) {
    remembered_ -= buckets_.begin()->second.size();
    buckets_.erase(buckets_.begin());
  }
  auto& bucket = buckets_[unix_s / bucket_span.count()];
  if (bucket.contains(fingerprint)) throw replayed();
  if (remembered_ >= max_remembered_) throw full();
  bucket.insert(std::move(fingerprint));
  ++remembered_;
}

bool ReplayGuard::is_recorded(std::string_view app_id, std::string_view user_id,
                              const RequestSignature& signature) {
  return database_.get([&](db::Transaction& transaction) {
    return transaction
        .first(
            "SELECT 1 FROM used_nonces"
            " WHERE app_id = $1 AND user_id = $2 AND signed_at_s = $3 AND nonce = $4",
            {app_id, user_id, signature.unix_s, signature.nonce},
            [](const db::Row&) { return true; })
        .has_value();
  });
}

void ReplayGuard::spend_among_nodes(std::string_view app_id, std::string_view user_id,
                                    const RequestSignature& signature) {
  bool is_new = false;
  database_.write_and_wait([&](db::Transaction& transaction) {
    is_new = insert(transaction, app_id, user_id, signature.unix_s, signature.nonce, clock_.now());
  });
  if (!is_new) throw replayed();
}

void ReplayGuard::spend_alone(std::string_view app_id, std::string_view user_id,
                              const RequestSignature& signature) {
  if (is_recorded(app_id, user_id, signature)) throw replayed();
  const auto refused = std::make_shared<std::atomic<bool>>(false);
  database_.write(
      [app = std::string(app_id), user = std::string(user_id), unix_s = signature.unix_s,
       nonce = std::string(signature.nonce), now = clock_.now()](db::Transaction& transaction) {
        insert(transaction, app, user, unix_s, nonce, now);
      },
      [refused](std::exception_ptr error) {
        if (!error) return;
        refused->store(true);
        log::warning("nonce_not_recorded");
      });
  // A full queue is known at once; then the request must not run either.
  if (refused->load()) throw full();
}

}  // namespace callboard::identity
