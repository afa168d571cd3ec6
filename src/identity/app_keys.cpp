#include "identity/app_keys.hpp"

#include <algorithm>

namespace callboard::identity {

std::shared_ptr<const AppKeys> prepared(const std::vector<LiveKey>& live) {
  auto keys = std::make_shared<AppKeys>();
  for (const LiveKey& key : live) {
    if (key.kind == KeyKind::client) {
      keys->client.push_back({key.key_id, HmacKey(key.secret)});
      continue;
    }
    auto& among = key.kind == KeyKind::server ? keys->server : keys->session;
    among.push_back({key.key_id, key.public_key.empty() ? jws::Key::secret(key.secret)
                                                        : jws::Key::public_key(key.public_key)});
  }
  return keys;
}

const AppKeys::TokenKey* signer_of(const jws::Token& token,
                                   const std::vector<AppKeys::TokenKey>& keys) {
  const auto found = std::ranges::find_if(keys, [&](const AppKeys::TokenKey& each) {
    return (token.key_id.empty() || token.key_id == each.key_id) && jws::verify(token, each.key);
  });
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace callboard::identity
