#pragma once

// What `callboard init` makes: a first workspace and application, their keys, and an API token for
// their owner. Repeatable: what is there stays, but for the token, which is made anew.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/key_store.hpp"

namespace callboard::identity {

inline constexpr std::string_view first_workspace_id = "default";
inline constexpr std::string_view first_app_id = "demo";

struct Bootstrap {
  std::string workspace_id;
  std::string app_id;
  std::string client_key;
  std::string server_key;
  std::string server_key_id;
  std::string api_token;
};

// One transaction; blocks. Tokens that were made so before are revoked. An application that has
// only registered public keys for its backend gets a server key besides, if there is room.
Bootstrap bootstrap(db::Database& database, const KeyStore& keys, const Clock& clock);

// Called in the transaction that creates an application: the key for its sessions.
void issue_first_keys(db::Transaction& transaction, const KeyStore& keys, std::string_view app_id,
                      Timestamp now);

}  // namespace callboard::identity
