#pragma once

// The keys of applications at rest: secrets sealed under the server key, public keys in the open.
// Two keys of a kind may live at once, so that one can be replaced without a gap.
//
// Each function is one step of the caller's transaction; whatever changes is announced ("keys").
// Owned by app/; any thread. Errors: those of db::Transaction, and as said.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "crypto/jws.hpp"
#include "db/database.hpp"
#include "identity/server_key.hpp"

namespace callboard::identity {

enum class KeyKind : std::uint8_t {
  client,   // signs the requests of the app's clients
  server,   // signs the tokens of the app's backend
  session,  // signs session tokens; never leaves the server
};
std::string_view name_of(KeyKind kind);
std::optional<KeyKind> key_kind_named(std::string_view name);

inline constexpr std::size_t max_live_keys = 2;      // of a kind, of an app
inline constexpr std::size_t max_keys_listed = 100;  // the newest, retired ones among them

// What its holder is shown, once.
struct IssuedKey {
  std::string key_id;
  std::string secret;  // printable, with a prefix that tells its kind; empty for a public key
};

struct KeyRecord {
  std::string key_id;
  KeyKind kind;
  std::string algorithm;
  std::string public_key;  // PEM; empty for a secret
  Timestamp created_at;
  std::optional<Timestamp> retired_at;
};

struct LiveKey {
  std::string key_id;
  KeyKind kind;
  std::string secret;      // or
  std::string public_key;  // PEM
};

class KeyStore {
 public:
  explicit KeyStore(const ServerKey& server_key) : server_key_(server_key) {}

  // Throw Error{conflict} where as many live as may.
  IssuedKey issue(db::Transaction& transaction, std::string_view app_id, KeyKind kind,
                  Timestamp now) const;
  IssuedKey register_public(db::Transaction& transaction, std::string_view app_id,
                            const jws::Key& key, Timestamp now) const;
  // Throws Error{not_found}. The secret is gone afterwards.
  void retire(db::Transaction& transaction, std::string_view app_id, std::string_view key_id,
              Timestamp now) const;

  // Newest first; client and server keys only.
  std::vector<KeyRecord> list(db::Transaction& transaction, std::string_view app_id) const;
  static bool holds_secrets(db::Transaction& transaction);
  // Opens one stored secret, if there is any. Throws Error{invalid} where the server key is not the
  // one that it was sealed with: for the start of a program, before anything is answered.
  void check_server_key(db::Transaction& transaction) const;
  // Opens every stored secret; calls `report` with a sentence for each that can't be.
  void check_all(db::Transaction& transaction,
                 const std::function<void(std::string)>& report) const;
  // Newest first. Throws Error{internal} where the server key is not the one they were sealed with.
  std::vector<LiveKey> live(db::Transaction& transaction, std::string_view app_id) const;

 private:
  ServerKey server_key_;
};

}  // namespace callboard::identity
