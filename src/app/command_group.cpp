#include "app/command_group.hpp"

#include <CLI/CLI.hpp>

namespace callboard::app {

CLI::App& add_group(CLI::App& cli, const std::string& name, const std::string& help) {
  CLI::App& group = *cli.add_subcommand(name, help);
  group.require_subcommand(1);
  return group;
}

void add_json(CLI::App& command, bool& as_json) {
  command.add_flag("--json", as_json, "as JSON, on one line");
}

void add_workspace(CLI::App& command, std::string& workspace_id) {
  command.add_option("--workspace", workspace_id, "the workspace")->capture_default_str();
}

}  // namespace callboard::app
