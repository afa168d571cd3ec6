#include "identity/bootstrap.hpp"

#include <algorithm>

#include "audience/audience.hpp"
#include "identity/api_token.hpp"

namespace callboard::identity {
namespace {

constexpr std::string_view token_label = "init";

void ensure_application(db::Transaction& transaction, Timestamp now) {
  if (!audience::find_workspace(transaction, first_workspace_id)) {
    audience::create_workspace(
        transaction,
        {.workspace_id = std::string(first_workspace_id), .name = "Default", .created_at = now});
  }
  if (audience::find_application(transaction, first_app_id)) return;
  audience::Application application;
  application.app_id = first_app_id;
  application.workspace_id = first_workspace_id;
  application.settings.name = "Demo";
  application.created_at = application.updated_at = now;
  audience::create_application(transaction, application);
}

// The newest live secret of that kind, or a new one.
IssuedKey shown_or_issued(db::Transaction& transaction, const KeyStore& keys, KeyKind kind,
                          Timestamp now) {
  const auto live = keys.live(transaction, first_app_id);
  const auto found = std::ranges::find_if(
      live, [&](const LiveKey& key) { return key.kind == kind && !key.secret.empty(); });
  if (found != live.end()) return {found->key_id, found->secret};
  return keys.issue(transaction, first_app_id, kind, now);
}

std::string new_token(db::Transaction& transaction, Timestamp now) {
  revoke_api_tokens(transaction, first_workspace_id, token_label, now);
  ApiToken token;
  token.workspace_id = first_workspace_id;
  token.role = http::Role::owner;
  token.label = token_label;
  token.created_at = now;
  return create_api_token(transaction, token).secret;
}

}  // namespace

Bootstrap bootstrap(db::Database& database, const KeyStore& keys, const Clock& clock) {
  Bootstrap made;
  database.write_and_wait([&](db::Transaction& transaction) {
    transaction.lock("bootstrap");  // two nodes may start at once, each with a key of its own
    keys.check_server_key(transaction);
    const Timestamp now = clock.now();
    ensure_application(transaction, now);
    const IssuedKey client = shown_or_issued(transaction, keys, KeyKind::client, now);
    const IssuedKey server = shown_or_issued(transaction, keys, KeyKind::server, now);
    shown_or_issued(transaction, keys, KeyKind::session, now);
    made = {std::string(first_workspace_id),
            std::string(first_app_id),
            client.secret,
            server.secret,
            server.key_id,
            new_token(transaction, now)};
  });
  return made;
}

void issue_first_keys(db::Transaction& transaction, const KeyStore& keys, std::string_view app_id,
                      Timestamp now) {
  keys.issue(transaction, app_id, KeyKind::session, now);
}

}  // namespace callboard::identity
