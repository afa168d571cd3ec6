#include <boost/url.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "audience/audience.hpp"
#include "base/error.hpp"
#include "identity/identity.hpp"

namespace callboard::app {
namespace {

constexpr std::chrono::minutes server_token_life{15};

// Path and query exactly as curl will send them.
std::string target_of(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme().substr(0, 4) != "http") {
    throw Error(ErrorCode::invalid, "not an http URL: " + url);
  }
  const auto target = parsed->encoded_target();
  return target.empty() ? "/" : std::string(target);
}

const identity::LiveKey& newest(const std::vector<identity::LiveKey>& keys,
                                identity::KeyKind kind) {
  for (const identity::LiveKey& key : keys) {
    if (key.kind == kind && !key.secret.empty()) return key;
  }
  throw Error(ErrorCode::not_found, "the application has no " +
                                        std::string(identity::name_of(kind)) +
                                        " key; is its id right, and the data folder?");
}

std::string header(std::string_view name, std::string_view value) {
  return " -H " + std::string(name) + ':' + std::string(value);
}

std::string headers_of_client(const std::vector<identity::LiveKey>& keys,
                              const SignRequest& request, const std::string& body, Timestamp now) {
  audience::require_user_id(request.user_id);
  const auto& client_key = newest(keys, identity::KeyKind::client);
  const std::string session =
      identity::session_token_for(*identity::prepared(keys), request.app_id, request.user_id, now);
  const std::string signature = identity::sign_request(
      client_key.secret, {request.app_id, request.method, target_of(request.url), session, body},
      now);
  return header("X-BytePower-Sign", signature) + header("X-BytePower-Session-Token", session);
}

std::string headers_of_backend(const std::vector<identity::LiveKey>& keys,
                               const SignRequest& request, Timestamp now) {
  const auto& server_key = newest(keys, identity::KeyKind::server);
  const std::string token =
      identity::mint_server_token(jws::Key::secret(server_key.secret), request.app_id, now,
                                  server_token_life, server_key.key_id);
  return header("X-BytePower-Auth-Token", token);
}

// What curl sends for --data-binary: the text, or the content of the file behind '@'.
std::string sent_body(const std::string& argument) {
  if (argument.find_first_of(" \t\n\"'$*?[") != std::string::npos) {
    throw Error(ErrorCode::invalid,
                "such a body does not pass through the shell's $(...): put it into a file and say "
                "--body @FILE");
  }
  if (!argument.starts_with('@')) return argument;
  std::ifstream file(argument.substr(1), std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, "can't read the file " + argument.substr(1));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int sign(const Settings& settings, const SignRequest& request) {
  const std::string body = sent_body(request.body);
  const SystemClock clock;
  Metrics metrics;
  const auto database = db::open(database_options(settings, clock, metrics));
  const identity::KeyStore store(server_key_of(settings, *database));
  const auto keys = database->get(
      [&](db::Transaction& transaction) { return store.live(transaction, request.app_id); });
  const std::string headers = request.user_id.empty()
                                  ? headers_of_backend(keys, request, clock.now())
                                  : headers_of_client(keys, request, body, clock.now());
  std::cout << "-X " << request.method << headers;
  if (!request.body.empty()) std::cout << " --data-binary " << request.body;
  std::cout << ' ' << request.url << "\n";
  return 0;
}

}  // namespace callboard::app
