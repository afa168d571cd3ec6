#pragma once

// The live keys of one application, prepared for use: an immutable value that the gate shares with
// every token it has verified. An application without keys and one that does not exist look alike.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/jws.hpp"
#include "identity/key_store.hpp"

namespace callboard::identity {

struct AppKeys {
  struct ClientKey {
    std::string key_id;
    HmacKey hmac;
  };
  struct TokenKey {
    std::string key_id;
    jws::Key key;
  };
  // Newest first.
  std::vector<ClientKey> client;
  std::vector<TokenKey> server;
  std::vector<TokenKey> session;

  bool empty() const { return client.empty() && server.empty() && session.empty(); }
};

std::shared_ptr<const AppKeys> prepared(const std::vector<LiveKey>& live);

// Whether one of `keys` signed the token. Null: none did. A token that names a key (`kid`) is tried
// with that key only.
const AppKeys::TokenKey* signer_of(const jws::Token& token,
                                   const std::vector<AppKeys::TokenKey>& keys);

}  // namespace callboard::identity
