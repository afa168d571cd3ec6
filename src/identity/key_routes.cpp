#include "identity/key_routes.hpp"

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "http/calls.hpp"
#include "identity/member_shown.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;
using http::Access;
using http::Method;
using http::Request;
using http::Responder;
using http::Response;
using http::Surface;

struct KeyCalls {
  db::Database& database;
  const KeyStore& keys;
  const Clock& clock;

  Response list_keys(const Request& request) const;
  void create_key(const Request& request, Responder responder) const;
  void retire_key(const Request& request, Responder responder) const;
};

}  // namespace

http::Routes key_routes(db::Database& database, const KeyStore& keys, const Clock& clock) {
  const http::Calls call(KeyCalls{database, keys, clock});
  const std::string all_keys = "/api/workspace/{workspace_id}/application/{app_id}/keys";
  constexpr auto surface = Surface::console;
  return {
      {Method::get, all_keys, Access::admin, surface, call(&KeyCalls::list_keys)},
      {Method::post, all_keys, Access::admin, surface, call(&KeyCalls::create_key)},
      {Method::delete_, all_keys + "/{key_id}", Access::admin, surface,
       call(&KeyCalls::retire_key)},
  };
}

namespace {

std::string subject_of(std::string_view key_id) {
  return "key/" + std::string(key_id);
}

json::object to_json(const KeyRecord& key) {
  json::object object{{"key_id", key.key_id},
                      {"kind", name_of(key.kind)},
                      {"alg", key.algorithm},
                      {"created_at", rfc3339(key.created_at)},
                      {"retired_at", or_null(key.retired_at)}};
  if (!key.public_key.empty()) object["public_key"] = key.public_key;
  return object;
}

std::string to_json(const IssuedKey& key) {
  json::object object{{"key_id", key.key_id}};
  if (!key.secret.empty()) object["secret"] = key.secret;
  return json::serialize(object);
}

Response KeyCalls::list_keys(const Request& request) const {
  const auto records = database.get(
      [&](db::Transaction& transaction) { return keys.list(transaction, request.caller.app_id); });
  json::array listed;
  for (const KeyRecord& record : records) listed.push_back(to_json(record));
  return http::json_response(json::serialize(json::object{{"keys", std::move(listed)}}));
}

// What a request for a new key asks for, checked.
struct WantedKey {
  KeyKind kind = KeyKind::client;
  std::optional<jws::Key> public_key;
};

std::optional<jws::Key> public_key_in(JsonReader& reader) {
  const auto text = reader.string("public_key");
  if (!text) return std::nullopt;
  try {
    return jws::Key::public_key(*text);
  } catch (const Error& error) {
    reader.refuse("public_key", error.message());
    return std::nullopt;
  }
}

WantedKey wanted_key(const Request& request) {
  const json::value body = parse_json(request.body);
  JsonReader reader(body);
  reader.require("kind");
  const auto kind = reader.string("kind");
  const bool is_server = kind == name_of(KeyKind::server);
  if (kind && !is_server && kind != name_of(KeyKind::client)) {
    reader.refuse("kind", "must be client or server");
  }
  WantedKey wanted{is_server ? KeyKind::server : KeyKind::client, public_key_in(reader)};
  if (wanted.public_key && !is_server) reader.refuse("public_key", "is for server keys only");
  const auto algorithm = reader.string("alg");
  const bool has_key = reader.find("public_key") != nullptr;
  if (algorithm && !jws::algorithm_named(*algorithm)) {
    reader.refuse("alg", "must be HS256, RS256, ES256 or EdDSA");
  } else if (algorithm && !has_key && *algorithm != name_of(jws::Algorithm::hs256)) {
    reader.refuse("public_key", "is needed for this alg");
  } else if (algorithm && wanted.public_key &&
             *algorithm != name_of(wanted.public_key->algorithm())) {
    reader.refuse("alg", "is not that of the public key");
  }
  reader.finish();
  return wanted;
}

void KeyCalls::create_key(const Request& request, Responder responder) const {
  audience::answer_after_write(
      database, std::move(responder),
      [&store = keys, wanted = wanted_key(request), app_id = std::string(request.caller.app_id),
       entry = audience::audit_entry(request, "key.create", ""),
       now = clock.now()](db::Transaction& transaction) mutable {
        const IssuedKey key =
            wanted.public_key ? store.register_public(transaction, app_id, *wanted.public_key, now)
                              : store.issue(transaction, app_id, wanted.kind, now);
        entry.subject = subject_of(key.key_id);
        entry.after = json::serialize(json::object{{"kind", name_of(wanted.kind)}});
        audience::record(transaction, entry, now);
        return http::json_response(to_json(key));
      });
}

void KeyCalls::retire_key(const Request& request, Responder responder) const {
  const std::string key_id = request.parameter(2);
  audience::answer_after_write(
      database, std::move(responder),
      [&store = keys, app_id = std::string(request.caller.app_id), key_id,
       entry = audience::audit_entry(request, "key.retire", subject_of(key_id)),
       now = clock.now()](db::Transaction& transaction) {
        store.retire(transaction, app_id, key_id, now);
        audience::record(transaction, entry, now);
        return http::json_response("{}");
      });
}

}  // namespace
}  // namespace callboard::identity
