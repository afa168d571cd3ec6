#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <utility>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/operator_commands.hpp"
#include "base/error.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;
using identity::KeyKind;

struct Options {
  std::string app_id, kind, public_key_file, key_id;
  bool as_json = false;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::not_found, "can't read the file " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Client or server: the third kind never leaves the program.
KeyKind kind_of(const Options& options) {
  const auto kind = identity::key_kind_named(options.kind);
  if (!kind || kind == KeyKind::session) {
    throw Error(ErrorCode::invalid, "the kind must be client or server");
  }
  if (kind == KeyKind::client && !options.public_key_file.empty()) {
    throw Error(ErrorCode::invalid, "a public key is for the kind server only");
  }
  return *kind;
}

void record(db::Transaction& transaction, const std::string& app_id, std::string action,
            const std::string& key_id, std::string after, Timestamp now) {
  const auto application = require_application(transaction, app_id);
  auto entry =
      audience::command_entry(application.workspace_id, app_id, std::move(action), "key/" + key_id);
  entry.after = std::move(after);
  audience::record(transaction, entry, now);
}

int create(const Settings& settings, const Options& options) {
  const KeyKind kind = kind_of(options);
  CommandContext context(settings);
  identity::IssuedKey key;
  context.write([&](db::Transaction& transaction) {
    require_application(transaction, options.app_id);
    key = options.public_key_file.empty()
              ? context.keys().issue(transaction, options.app_id, kind, context.now())
              : context.keys().register_public(
                    transaction, options.app_id,
                    jws::Key::public_key(content_of(options.public_key_file)), context.now());
    record(transaction, options.app_id, "key.create", key.key_id,
           json::serialize(json::object{{"kind", name_of(kind)}}), context.now());
  });
  json::object shown{{"key_id", key.key_id}, {"kind", name_of(kind)}};
  if (!key.secret.empty()) shown["secret"] = key.secret;
  show(shown, options.as_json);
  return 0;
}

int list(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::array listed;
  context.database().read([&](db::Transaction& transaction) {
    require_application(transaction, options.app_id);
    for (const auto& key : context.keys().list(transaction, options.app_id)) {
      listed.push_back({{"key_id", key.key_id},
                        {"kind", name_of(key.kind)},
                        {"alg", key.algorithm},
                        {"created_at", rfc3339(key.created_at)},
                        {"retired_at", identity::or_null(key.retired_at)}});
    }
  });
  show(listed, options.as_json);
  return 0;
}

int retire(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  context.write([&](db::Transaction& transaction) {
    require_application(transaction, options.app_id);
    context.keys().retire(transaction, options.app_id, options.key_id, context.now());
    record(transaction, options.app_id, "key.retire", options.key_id, "", context.now());
  });
  show(json::object{{"retired", options.key_id}}, options.as_json);
  return 0;
}

}  // namespace

void add_key_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(cli, "key", "Keys of applications: create, list, retire",
                                      add);
  Options& options = command.options();
  const auto with_app = [&](CLI::App& added) -> CLI::App& {
    added.add_option("app", options.app_id, "the application")->required();
    return added;
  };
  CLI::App& creating =
      with_app(command("create", "Create a key, which is shown this once", create));
  creating.add_option("kind", options.kind, "client or server")->required();
  creating.add_option("--public-key", options.public_key_file,
                      "file with a public key (PEM or JWK) of the app's backend");
  with_app(command("list", "List an application's keys", list));
  with_app(command("retire", "Retire a key: what it signs is refused from now on", retire))
      .add_option("key", options.key_id, "the key's id")
      ->required();
}

}  // namespace callboard::app
