#pragma once

// `callboard app|events|jobs|key|line|member|token ...`: what operators do on the machine itself,
// straight on the database, beside a running server or without one. Each change is in the audit log
// under the actor `command`. Called by one thread.

#include <functional>
#include <string>

#include "app/settings.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the library's own.
namespace CLI {
class App;
}

namespace callboard::app {

// Adds one command that takes the settings' flags, below `parent`.
using AddCommand =
    std::function<CLI::App*(CLI::App& parent, const std::string& name, const std::string& help,
                            std::function<int(const Settings&)> run)>;

void add_application_commands(CLI::App& cli, const AddCommand& add);  // application_commands.cpp
void add_event_commands(CLI::App& cli, const AddCommand& add);        // event_commands.cpp
void add_job_commands(CLI::App& cli, const AddCommand& add);          // job_commands.cpp
void add_key_commands(CLI::App& cli, const AddCommand& add);          // key_commands.cpp
void add_line_commands(CLI::App& cli, const AddCommand& add);         // line_commands.cpp
void add_member_commands(CLI::App& cli, const AddCommand& add);       // member_commands.cpp
void add_token_commands(CLI::App& cli, const AddCommand& add);        // token_commands.cpp

}  // namespace callboard::app
