#include "app/command_line.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/operator_commands.hpp"
#include "app/settings.hpp"
#include "base/error.hpp"
#include "conditions/command.hpp"

namespace callboard::app {
namespace {

constexpr const char* default_config_file = "callboard.toml";

// What the flags said, before file and environment are read.
struct Flags {
  std::string config_file;
  std::map<std::string, std::string> values;
};

std::string flag_name(std::string_view setting) {
  std::string name = "--" + std::string(setting);
  std::ranges::replace(name, '_', '-');
  return name;
}

void add_settings(CLI::App& command, Flags& flags) {
  command.add_option("--config", flags.config_file,
                     "TOML file; else $CALLBOARD_CONFIG, else " + std::string(default_config_file));
  for (const SettingSpec& spec : setting_specs()) {
    const std::string name(spec.name);
    const std::string help(spec.help);
    if (spec.is_flag) {
      command.add_flag_callback(
          flag_name(name), [&flags, name] { flags.values[name] = "true"; }, help);
    } else {
      command.add_option_function<std::string>(
          flag_name(name), [&flags, name](const std::string& text) { flags.values[name] = text; },
          help);
    }
  }
}

std::string config_file_of(const Flags& flags) {
  if (!flags.config_file.empty()) return flags.config_file;
  if (const char* named = std::getenv("CALLBOARD_CONFIG")) return named;
  return std::filesystem::exists(default_config_file) ? default_config_file : "";
}

Settings settings_of(const Flags& flags) {
  Settings settings;
  if (const std::string file = config_file_of(flags); !file.empty()) settings.read_file(file);
  std::vector<std::string> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }
  settings.read_environment(environment);
  for (const auto& [name, text] : flags.values) settings.set_flag(name, text);
  return settings;
}

// The commands, and what to run for the one that was named.
class Commands {
 public:
  explicit Commands(CLI::App& cli) : cli_(cli) {
    with_settings("serve", "Run the server", [this](const Settings& settings) {
      return app::serve(settings, only_routes_);
    })->add_flag("--print-routes", only_routes_, "print the routes as JSON lines instead");
    add_init();
    add_database_commands();
    with_settings("config", "Print the effective settings and where each came from",
                  [](const Settings& settings) {
                    std::cout << settings.describe() << std::flush;
                    configuration_of(settings);
                    return 0;
                  });
    with_settings("doctor", "Say whether the server can run here, and what to do where not",
                  [](const Settings& s) { return app::doctor(s); });
    with_settings("check", "Look through the stored data for damage, also beside a server",
                  [](const Settings& s) { return app::check(s); });
    add_condition_commands();
    add_sign();
    add_line_sandbox();
    add_operator_commands();
  }

  int run() const { return chosen_(); }

 private:
  CLI::App* with_settings(const std::string& name, const std::string& help,
                          std::function<int(const Settings&)> command) {
    return with_settings(cli_, name, help, std::move(command));
  }

  CLI::App* with_settings(CLI::App& parent, const std::string& name, const std::string& help,
                          std::function<int(const Settings&)> command) {
    CLI::App* added = parent.add_subcommand(name, help);
    add_settings(*added, flags_);
    added->callback(
        [this, command] { chosen_ = [this, command] { return command(settings_of(flags_)); }; });
    return added;
  }

  void add_init() {
    with_settings("init", "Make the first workspace and application, and show their keys",
                  [this](const Settings& settings) { return app::init(settings, as_json_); })
        ->add_flag("--json", as_json_, "as one JSON object");
  }

  void add_database_commands() {
    with_settings("migrate", "Bring the database's schema up to date",
                  [this](const Settings& settings) { return app::migrate(settings, dry_run_); })
        ->add_flag("--dry-run", dry_run_, "only say what would be done");
    with_settings("backup", "Copy the database, while it is in use, to a new file",
                  [this](const Settings& settings) { return app::backup(settings, file_); })
        ->add_option("file", file_, "must not exist yet")
        ->required();
    CLI::App* database = cli_.add_subcommand("db", "Move the database");
    database->require_subcommand(1);
    CLI::App* copy = with_settings(
        *database, "copy", "Copy everything from SQLite to an empty PostgreSQL database",
        [this](const Settings& settings) { return app::copy_database(settings, copy_request_); });
    copy->add_option("--from", copy_request_.from, "sqlite:PATH; else the one in the data folder");
    copy->add_option("--to", copy_request_.to, "postgres://...; else the setting database");
  }

  void add_condition_commands() {
    CLI::App* condition =
        cli_.add_subcommand("condition", "Work with conditions, without a server");
    condition->require_subcommand(1);
    CLI::App* eval = condition->add_subcommand(
        "eval", R"(Evaluate JSON lines {"condition":...,"variables":...,"id":...})");
    eval->add_flag("--explain", explain_, "add the condition's tree with each leaf's result");
    eval->callback([this] {
      chosen_ = [this] { return conditions::run_eval(std::cin, std::cout, explain_); };
    });
    condition->add_subcommand("lint", R"(Warn about JSON lines {"condition":...,"id":...})")
        ->callback([this] { chosen_ = [] { return conditions::run_lint(std::cin, std::cout); }; });
  }

  void add_sign() {
    CLI::App* sign = with_settings(
        "sign", "Print curl's arguments for a signed request",
        [this](const Settings& settings) { return app::sign(settings, sign_request_); });
    sign->add_option("--app", sign_request_.app_id, "the application")->capture_default_str();
    sign->add_option("--user", sign_request_.user_id, "as this user; else as the app's backend");
    sign->add_option("--body", sign_request_.body, "the request's body, or @FILE");
    sign->add_option("method", sign_request_.method, "GET, POST, ...")->required();
    sign->add_option("url", sign_request_.url, "http://host:port/path?query")->required();
  }

  void add_line_sandbox() {
    CLI::App* sandbox =
        cli_.add_subcommand("line-sandbox", "Run a server that stands in for LINE, for trying out");
    LineSandboxRequest& request = line_sandbox_request_;
    sandbox->add_option("--listen", request.listen, "address and port")->capture_default_str();
    sandbox->add_option("--channel-id", request.channel_id);
    sandbox->add_option("--channel-secret", request.channel_secret, "of LINE Login");
    sandbox->add_option("--messaging-secret", request.messaging_secret, "signs the webhooks");
    sandbox->add_option("--access-token", request.access_token, "the channel's, long-lived");
    sandbox->add_option("--webhook", request.webhook_url, "URL that webhooks are sent to");
    sandbox->add_option("--monthly-limit", request.monthly_limit, "messages; else there is none");
    sandbox->add_option("--id-token-alg", request.id_token_algorithm, "HS256 or ES256")
        ->capture_default_str();
    sandbox->add_option("--seed", request.seed, "of the faults that come by rate");
    sandbox->add_option("--fault", request.faults, "KIND[:ENDPOINT[:RATE]], any number of times");
    sandbox->add_option("--user", request.users, "ID:NAME for the login page, any number of times");
    sandbox->add_option("--clock-offset", request.clock_offset_s, "seconds");
    sandbox->callback(
        [this] { chosen_ = [this] { return app::line_sandbox(line_sandbox_request_); }; });
  }

  void add_operator_commands() {
    const AddCommand add = [this](CLI::App& parent, const std::string& name,
                                  const std::string& help,
                                  std::function<int(const Settings&)> command) {
      return with_settings(parent, name, help, std::move(command));
    };
    add_application_commands(cli_, add);
    add_event_commands(cli_, add);
    add_job_commands(cli_, add);
    add_key_commands(cli_, add);
    add_line_commands(cli_, add);
    add_member_commands(cli_, add);
    add_token_commands(cli_, add);
  }

  CLI::App& cli_;
  Flags flags_;
  bool as_json_ = false;
  bool dry_run_ = false;
  bool only_routes_ = false;
  bool explain_ = false;
  std::string file_;
  CopyRequest copy_request_;
  SignRequest sign_request_;
  LineSandboxRequest line_sandbox_request_;
  std::function<int()> chosen_;
};

}  // namespace

int run(int argc, char** argv) {
  CLI::App cli("Callboard: bulletins, events and reminders for an audience of your own");
  cli.set_version_flag("--version", "callboard " + std::string(version));
  cli.require_subcommand(1);
  const Commands commands(cli);
  try {
    cli.parse(argc, argv);
    return commands.run();
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : 2;
  } catch (const Error& error) {
    std::cerr << "callboard: " << error.message();
    if (!error.private_detail().empty()) std::cerr << " (" << error.private_detail() << ")";
    std::cerr << "\n";
    return error.code() == ErrorCode::invalid ? 2 : 1;
  } catch (const std::exception& error) {
    std::cerr << "callboard: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace callboard::app
