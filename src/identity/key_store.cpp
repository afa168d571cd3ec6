#include "identity/key_store.hpp"

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "base/random.hpp"

namespace callboard::identity {
namespace {

struct KindTraits {
  std::string_view name;
  std::string_view prefix;  // of the printed secret
};
constexpr std::array<KindTraits, 3> kinds = {{
    {"client", "cbc_"},
    {"server", "cbs_"},
    {"session", ""},
}};

std::string context_of(std::string_view app_id, std::string_view key_id) {
  return std::string(app_id) + '/' + std::string(key_id);
}

KeyKind kind_at(const db::Row& row, int column) {
  const auto kind = key_kind_named(row.text(column));
  if (!kind) throw Error(ErrorCode::internal, "a stored key is of an unknown kind");
  return *kind;
}

void require_room(db::Transaction& transaction, std::string_view app_id, KeyKind kind) {
  transaction.lock("keys/" + std::string(app_id));
  const auto live = transaction.first(
      "SELECT count(*) FROM app_keys WHERE app_id = $1 AND kind = $2 AND retired_at_ms IS NULL",
      {app_id, name_of(kind)}, [](const db::Row& row) { return row.integer(0); });
  if (live < std::int64_t{max_live_keys}) return;
  throw Error(ErrorCode::conflict,
              "two " + std::string(name_of(kind)) + " keys are in use: retire one of them first");
}

std::string insert(db::Transaction& transaction, std::string_view app_id, std::string_view key_id,
                   KeyKind kind, jws::Algorithm algorithm, db::Value sealed, db::Value public_key,
                   Timestamp now) {
  require_room(transaction, app_id, kind);
  transaction.execute(
      "INSERT INTO app_keys (app_id, key_id, kind, alg, secret_sealed, public_key, created_at_ms)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {app_id, key_id, name_of(kind), jws::name_of(algorithm), sealed, public_key, unix_ms(now)});
  transaction.announce(app_id, "keys", key_id);
  return std::string(key_id);
}

}  // namespace

std::string_view name_of(KeyKind kind) {
  return kinds[static_cast<std::size_t>(kind)].name;
}

std::optional<KeyKind> key_kind_named(std::string_view name) {
  const auto found = std::ranges::find(kinds, name, &KindTraits::name);
  if (found == kinds.end()) return std::nullopt;
  return static_cast<KeyKind>(found - kinds.begin());
}

IssuedKey KeyStore::issue(db::Transaction& transaction, std::string_view app_id, KeyKind kind,
                          Timestamp now) const {
  IssuedKey key{random_id(), std::string()};
  key.secret = std::string(kinds[static_cast<std::size_t>(kind)].prefix) + random_token();
  const std::string sealed = server_key_.seal(context_of(app_id, key.key_id), key.secret);
  insert(transaction, app_id, key.key_id, kind, jws::Algorithm::hs256, sealed, nullptr, now);
  return key;
}

IssuedKey KeyStore::register_public(db::Transaction& transaction, std::string_view app_id,
                                    const jws::Key& key, Timestamp now) const {
  const std::string key_id = random_id();
  const std::string pem = key.public_pem();
  return {insert(transaction, app_id, key_id, KeyKind::server, key.algorithm(), nullptr, pem, now),
          {}};
}

void KeyStore::retire(db::Transaction& transaction, std::string_view app_id,
                      std::string_view key_id, Timestamp now) const {
  const auto changed = transaction.execute(
      "UPDATE app_keys SET retired_at_ms = $3, secret_sealed = NULL"
      " WHERE app_id = $1 AND key_id = $2 AND kind <> 'session' AND retired_at_ms IS NULL",
      {app_id, key_id, unix_ms(now)});
  if (changed == 0) throw Error(ErrorCode::not_found, "no such key");
  transaction.announce(app_id, "keys", key_id);
}

std::vector<KeyRecord> KeyStore::list(db::Transaction& transaction, std::string_view app_id) const {
  std::vector<KeyRecord> records;
  transaction.query(
      "SELECT key_id, kind, alg, public_key, created_at_ms, retired_at_ms FROM app_keys"
      " WHERE app_id = $1 AND kind <> 'session' ORDER BY created_at_ms DESC, key_id LIMIT $2",
      {app_id, std::int64_t{max_keys_listed}}, [&](const db::Row& row) {
        KeyRecord record{row.string(0),
                         kind_at(row, 1),
                         row.string(2),
                         {},
                         timestamp_from_ms(row.integer(4)),
                         {}};
        record.public_key = row.optional_string(3).value_or("");
        if (!row.is_null(5)) record.retired_at = timestamp_from_ms(row.integer(5));
        records.push_back(std::move(record));
      });
  return records;
}

bool KeyStore::holds_secrets(db::Transaction& transaction) {
  return transaction
      .first("SELECT 1 FROM app_keys WHERE secret_sealed IS NOT NULL LIMIT 1", {},
             [](const db::Row&) { return true; })
      .has_value();
}

void KeyStore::check_server_key(db::Transaction& transaction) const {
  try {
    transaction.query(
        "SELECT app_id, key_id, secret_sealed FROM app_keys"
        " WHERE secret_sealed IS NOT NULL ORDER BY created_at_ms DESC LIMIT 1",
        {}, [&](const db::Row& row) {
          server_key_.open(context_of(row.text(0), row.text(1)), row.text(2));
        });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::internal) throw;
    throw Error(ErrorCode::invalid,
                "the server key is not the one that this database's secrets were sealed with; put "
                "back the file server.key, or the setting server_key, that belongs to it");
  }
}

void KeyStore::check_all(db::Transaction& transaction,
                         const std::function<void(std::string)>& report) const {
  transaction.query(
      "SELECT app_id, key_id, secret_sealed FROM app_keys WHERE secret_sealed IS NOT NULL", {},
      [&](const db::Row& row) {
        try {
          server_key_.open(context_of(row.text(0), row.text(1)), row.text(2));
        } catch (const Error& error) {
          report("key " + row.string(1) + " of application " + row.string(0) + ": " +
                 error.message());
        }
      });
}

std::vector<LiveKey> KeyStore::live(db::Transaction& transaction, std::string_view app_id) const {
  std::vector<LiveKey> keys;
  transaction.query(
      "SELECT key_id, kind, secret_sealed, public_key FROM app_keys"
      " WHERE app_id = $1 AND retired_at_ms IS NULL ORDER BY created_at_ms DESC, key_id",
      {app_id}, [&](const db::Row& row) {
        LiveKey key{row.string(0), kind_at(row, 1), {}, row.optional_string(3).value_or("")};
        if (!row.is_null(2)) {
          key.secret = server_key_.open(context_of(app_id, key.key_id), row.text(2));
        }
        keys.push_back(std::move(key));
      });
  return keys;
}

}  // namespace callboard::identity
