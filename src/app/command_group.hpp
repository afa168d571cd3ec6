#pragma once

// Commands that stand below one word (`callboard app ...`) and share their options, `--json` among
// them. Used by one thread, while the command line is set up; the commands share the options.

#include <memory>
#include <string>

#include "app/operator_commands.hpp"
#include "app/settings.hpp"

namespace callboard::app {

CLI::App& add_group(CLI::App& cli, const std::string& name, const std::string& help);
void add_json(CLI::App& command, bool& as_json);
void add_workspace(CLI::App& command, std::string& workspace_id);

template <class Options>
class CommandGroup {
 public:
  CommandGroup(CLI::App& cli, const std::string& name, const std::string& help,
               const AddCommand& add)
      : group_(add_group(cli, name, help)), add_(add) {}

  CLI::App& operator()(const std::string& name, const std::string& help,
                       int (*run)(const Settings&, const Options&)) const {
    CLI::App* added = add_(group_, name, help, [run, options = options_](const Settings& settings) {
      return run(settings, *options);
    });
    add_json(*added, options_->as_json);
    return *added;
  }
  // Where the command line's words go.
  Options& options() const { return *options_; }

 private:
  CLI::App& group_;
  const AddCommand& add_;
  std::shared_ptr<Options> options_ = std::make_shared<Options>();
};

}  // namespace callboard::app
