#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <utility>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/operator_commands.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/random.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;

struct Options {
  std::string workspace_id{identity::first_workspace_id};
  std::string app_id, name, changes, confirmed;
  bool as_json = false;
};

json::object shown(const audience::Application& application) {
  return {{"app_id", application.app_id},
          {"workspace_id", application.workspace_id},
          {"name", application.settings.name},
          {"created_at", rfc3339(application.created_at)}};
}

std::string subject_of(const std::string& app_id) {
  return "application/" + app_id;
}

int create(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  audience::Application application;
  application.app_id = options.app_id.empty() ? "app-" + random_id() : options.app_id;
  if (!audience::is_id(application.app_id)) {
    throw Error(ErrorCode::invalid, "the app id must be 1 to 64 of a-z 0-9 _ -");
  }
  application.workspace_id = options.workspace_id;
  application.settings = audience::changed_settings({}, json::object{{"name", options.name}});
  application.created_at = application.updated_at = context.now();
  context.write([&](db::Transaction& transaction) {
    require_workspace(transaction, options.workspace_id);
    audience::create_application(transaction, application);
    identity::issue_first_keys(transaction, context.keys(), application.app_id, context.now());
    auto entry = audience::command_entry(options.workspace_id, application.app_id,
                                         "application.create", subject_of(application.app_id));
    entry.after = json::serialize(to_json(application.settings));
    audience::record(transaction, entry, context.now());
  });
  show(shown(application), options.as_json);
  return 0;
}

int list(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::array listed;
  context.database().read([&](db::Transaction& transaction) {
    require_workspace(transaction, options.workspace_id);
    for (const auto& application : audience::list_applications(transaction, options.workspace_id)) {
      listed.push_back(shown(application));
    }
  });
  show(listed, options.as_json);
  return 0;
}

int show_one(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  const auto application = context.database().get([&](db::Transaction& transaction) {
    return require_application(transaction, options.app_id);
  });
  json::object object = shown(application);
  object["settings"] = to_json(application.settings);
  show(object, options.as_json);
  return 0;
}

int change(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  const json::value changes = parse_json(options.changes);
  json::object after;
  context.write([&](db::Transaction& transaction) {
    audience::lock_settings(transaction, options.app_id);
    const auto application = require_application(transaction, options.app_id);
    const auto changed = audience::changed_settings(application.settings, changes);
    audience::update_settings(transaction, options.app_id, changed, context.now());
    after = to_json(changed);
    auto entry = audience::command_entry(application.workspace_id, options.app_id,
                                         "settings.update", subject_of(options.app_id));
    entry.before = json::serialize(to_json(application.settings));
    entry.after = json::serialize(after);
    audience::record(transaction, entry, context.now());
  });
  show(after, options.as_json);
  return 0;
}

int erase(const Settings& settings, const Options& options) {
  if (options.confirmed != options.app_id) {
    throw Error(ErrorCode::invalid,
                "this deletes the application with all its users, bulletins "
                "and keys: say --confirm " +
                    options.app_id);
  }
  CommandContext context(settings);
  context.write([&](db::Transaction& transaction) {
    const auto application = require_application(transaction, options.app_id);
    audience::delete_application(transaction, options.app_id);
    auto entry = audience::command_entry(application.workspace_id, options.app_id,
                                         "application.delete", subject_of(options.app_id));
    entry.before = json::serialize(to_json(application.settings));
    audience::record(transaction, entry, context.now());
  });
  show(json::object{{"deleted", options.app_id}}, options.as_json);
  return 0;
}

}  // namespace

void add_application_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(cli, "app", "Applications: create, list, show, set, delete",
                                      add);
  Options& options = command.options();
  CLI::App& creating = command("create", "Create an application", create);
  add_workspace(creating, options.workspace_id);
  creating.add_option("--name", options.name, "its name")->required();
  creating.add_option("app", options.app_id, "its id; else one is made");
  add_workspace(command("list", "List a workspace's applications", list), options.workspace_id);
  command("show", "Show an application's settings", show_one)
      .add_option("app", options.app_id, "the application")
      ->required();
  CLI::App& changing = command("set", "Change an application's settings", change);
  changing.add_option("app", options.app_id, "the application")->required();
  changing.add_option("changes", options.changes, R"(JSON: {"time_zone":"Asia/Taipei"})")
      ->required();
  CLI::App& erasing = command("delete", "Delete an application with all it has", erase);
  erasing.add_option("app", options.app_id, "the application")->required();
  erasing.add_option("--confirm", options.confirmed, "the application's id once more");
}

}  // namespace callboard::app
