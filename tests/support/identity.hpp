#pragma once

// Tests of who may pass: a fresh database with `callboard init`'s workspace, application and keys,
// a gate before it, and what clients, backends and operators send. The test program links identity
// and all it stands on.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "identity/identity.hpp"
#include "tests/support/databases.hpp"

namespace callboard::test {

// How a gate decided: "" for admitted, "memory" or "work" is where; else "code: message".
struct Decision {
  std::string error;
  bool from_memory = false;
  http::Caller caller;
};

class IdentityTest : public StoreTest {
 protected:
  struct Sent {
    http::Method method = http::Method::get;
    std::string target = "/bp/bulletin_board";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    bool writes = false;  // although its method is GET
  };

  const identity::Bootstrap& made() const { return made_; }
  const identity::KeyStore& keys() const { return keys_; }
  identity::Trust& trust() { return trust_; }
  identity::Sessions& sessions() { return sessions_; }
  audience::Applications& applications() { return applications_; }
  identity::Gate& gate() { return gate_; }
  Timestamp now() { return clock().now(); }

  std::string session_token(std::string_view user_id, std::string_view app_id = "demo") {
    return identity::session_token_for(*trust_.keys(app_id), app_id, user_id, now());
  }
  std::string server_token(std::string_view key, std::string_view app_id = "demo") {
    return identity::mint_server_token(jws::Key::secret(key), app_id, now(),
                                       std::chrono::minutes{5});
  }
  // Adds the signature, and the token where there is one.
  Sent signed_by(std::string_view client_key, std::string_view token, Sent sent,
                 std::string_view app_id = "demo", std::string_view nonce = {}) {
    sent.headers.emplace_back(
        identity::signature_header,
        identity::sign_request(client_key,
                               {app_id, http::name_of(sent.method), sent.target, token, sent.body},
                               now(), nonce));
    if (!token.empty()) sent.headers.emplace_back(identity::session_token_header, token);
    return sent;
  }
  Sent as_user(std::string_view user_id) { return as_user(user_id, Sent{}); }
  Sent as_user(std::string_view user_id, Sent sent) {
    return signed_by(made_.client_key, session_token(user_id), std::move(sent));
  }

  // Passes the gate as the server would: from memory where that decides, else on the work path.
  Decision decide(http::Access access, const Sent& sent, const std::string& pattern = "/") {
    http::Route route{sent.method, pattern, access, http::Surface::app, {}};
    route.writes = sent.writes;
    std::vector<http::Header> headers;
    for (const auto& [name, value] : sent.headers) headers.push_back({name, value});
    http::Request request;
    request.method = sent.method;
    request.target = request.path = sent.target;
    request.body = sent.body;
    request.headers = headers;
    fill_parameters(pattern, request);
    Decision decision;
    try {
      decision.from_memory = gate_.admit_from_memory(route, request);
      if (!decision.from_memory) gate_.admit_blocking(route, request);
    } catch (const Error& error) {
      decision.error = std::string(name_of(error.code())) + ": " + error.message();
    }
    decision.caller = request.caller;
    return decision;
  }
  std::string refusal(http::Access access, const Sent& sent) { return decide(access, sent).error; }

  // A second application of the workspace, with the three kinds of keys; returns the client key
  // and the server key.
  std::pair<std::string, std::string> create_application(const std::string& app_id,
                                                         const std::string& workspace_id) {
    std::pair<std::string, std::string> secrets;
    write([&](db::Transaction& transaction) {
      audience::Application application;
      application.app_id = app_id;
      application.workspace_id = workspace_id;
      application.settings.name = app_id;
      audience::create_application(transaction, application);
      identity::issue_first_keys(transaction, keys_, app_id, now());
      secrets.first = keys_.issue(transaction, app_id, identity::KeyKind::client, now()).secret;
      secrets.second = keys_.issue(transaction, app_id, identity::KeyKind::server, now()).secret;
    });
    return secrets;
  }
  std::string create_token(identity::ApiToken token) {
    std::string secret;
    write([&](db::Transaction& transaction) {
      token.created_at = now();
      secret = identity::create_api_token(transaction, token).secret;
    });
    return secret;
  }

 private:
  static void fill_parameters(std::string_view pattern, http::Request& request) {
    std::string_view path = request.path;
    std::size_t found = 0;
    while (!pattern.empty()) {
      const std::string_view wanted = cut_segment(pattern);
      const std::string_view given = cut_segment(path);
      if (wanted.starts_with('{')) request.parameters.at(found++) = given;
    }
  }
  static std::string_view cut_segment(std::string_view& path) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    return segment;
  }

  identity::KeyStore keys_{
      identity::ServerKey::from_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")};
  identity::Bootstrap made_ = identity::bootstrap(database(), keys_, clock());
  audience::Applications applications_{database(), clock(), metrics()};
  identity::Trust trust_{database(), keys_, clock(), metrics()};
  identity::OwnAddress own_address_;
  audience::AppAddresses addresses_{database()};
  identity::Gate gate_{database(),   applications_, trust_,   addresses_,
                       own_address_, clock(),       metrics()};
  identity::Sessions sessions_{trust_, clock()};
};

}  // namespace callboard::test
