#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <utility>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/operator_commands.hpp"
#include "base/error.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;

constexpr std::int64_t longest_life_s = std::int64_t{10} * 366 * 86'400;

struct Options {
  std::string workspace_id{identity::first_workspace_id};
  std::string label, role, token_id;
  std::vector<std::string> apps;
  std::int64_t life_s = 0;
  bool as_json = false;
};

identity::ApiToken token_of(const Options& options, Timestamp now) {
  identity::ApiToken token;
  token.workspace_id = options.workspace_id;
  token.role = require_role(options.role);
  token.label = options.label;
  token.created_at = now;
  if (!options.apps.empty()) token.apps = options.apps;
  if (options.life_s > 0) token.expires_at = now + std::chrono::seconds{options.life_s};
  return token;
}

int create(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  identity::ApiToken token = token_of(options, context.now());
  json::object shown;
  context.write([&](db::Transaction& transaction) {
    require_workspace(transaction, options.workspace_id);
    for (const std::string& app_id : options.apps) {
      if (require_application(transaction, app_id).workspace_id == options.workspace_id) continue;
      throw Error(ErrorCode::not_found, app_id + " is not in this workspace");
    }
    const auto issued = identity::create_api_token(transaction, token);
    token.token_id = issued.token_id;
    shown = to_json(token);
    auto entry = audience::command_entry(options.workspace_id, "", "token.create",
                                         "token/" + issued.token_id);
    entry.after = json::serialize(shown);
    audience::record(transaction, entry, context.now());
    shown["secret"] = issued.secret;
  });
  show(shown, options.as_json);
  return 0;
}

int list(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::array listed;
  context.database().read([&](db::Transaction& transaction) {
    require_workspace(transaction, options.workspace_id);
    for (const auto& token : identity::list_api_tokens(transaction, options.workspace_id)) {
      listed.push_back(to_json(token));
    }
  });
  show(listed, options.as_json);
  return 0;
}

int revoke(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  context.write([&](db::Transaction& transaction) {
    const auto token = identity::api_token_by_id(transaction, options.token_id);
    if (!token) throw Error(ErrorCode::not_found, "there is no such token");
    identity::revoke_api_token(transaction, token->workspace_id, token->token_id, context.now());
    auto entry = audience::command_entry(token->workspace_id, "", "token.revoke",
                                         "token/" + token->token_id);
    entry.before = json::serialize(to_json(*token));
    audience::record(transaction, entry, context.now());
  });
  show(json::object{{"revoked", options.token_id}}, options.as_json);
  return 0;
}

}  // namespace

void add_token_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(cli, "token", "API tokens: create, list, revoke", add);
  Options& options = command.options();
  CLI::App& creating = command("create", "Create a token, which is shown this once", create);
  add_workspace(creating, options.workspace_id);
  creating.add_option("label", options.label, "what it is for")->required();
  creating.add_option("role", options.role, "viewer, editor, admin or owner")->required();
  creating.add_option("--app", options.apps, "for this application only; may be repeated");
  creating.add_option("--expires-in", options.life_s, "seconds; else it does not expire")
      ->check(CLI::Range(std::int64_t{1}, longest_life_s));
  add_workspace(command("list", "List a workspace's tokens", list), options.workspace_id);
  command("revoke", "Revoke a token", revoke)
      .add_option("token", options.token_id, "the token's id")
      ->required();
}

}  // namespace callboard::app
