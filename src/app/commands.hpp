#pragma once

// The commands behind the command line, one file each. Each returns the exit code and throws Error
// for anything that went wrong. Called by one thread, which has not started others.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"

namespace callboard::app {

// serve.cpp: the server; returns after SIGTERM or SIGINT, when everything in flight is finished.
// `only_routes`: prints what it would answer, and to whom, instead.
int serve(const Settings& settings, bool only_routes);

// init.cpp: makes workspace `default` and application `demo` if absent and shows their keys.
int init(const Settings& settings, bool as_json);

// doctor.cpp: whether `serve` will run, what is wrong, and what to do; changes nothing.
int doctor(const Settings& settings);

// check.cpp: whether the stored data is whole, down to each row.
int check(const Settings& settings);

// database_commands.cpp
int migrate(const Settings& settings, bool dry_run);
int backup(const Settings& settings, const std::string& file);
struct CopyRequest {
  std::string from;  // sqlite:PATH; empty: the one in the data folder
  std::string to;    // postgres://...; empty: the setting `database`
};
int copy_database(const Settings& settings, const CopyRequest& request);

// sign.cpp: prints curl's arguments for one signed request to the demo application or another.
struct SignRequest {
  std::string app_id = "demo";
  std::string user_id;  // empty: as the application's backend
  std::string method;
  std::string url;
  std::string body;  // as for curl's --data-binary: text, or @FILE
};
int sign(const Settings& settings, const SignRequest& request);

// line_sandbox.cpp: a server that stands in for LINE (docs/line.md); returns as serve() does.
struct LineSandboxRequest {
  std::string listen = "127.0.0.1:8100";
  std::string channel_id, channel_secret, messaging_secret, access_token;  // empty: the sandbox's
  std::string webhook_url;
  std::string id_token_algorithm = "HS256";
  std::optional<std::int64_t> monthly_limit;
  std::uint64_t seed = 1;
  std::vector<std::string> faults;  // KIND[:ENDPOINT[:RATE]]
  std::vector<std::string> users;   // ID:NAME
  std::int64_t clock_offset_s = 0;
};
int line_sandbox(const LineSandboxRequest& request);

inline constexpr std::string_view version = "0.1.0";

}  // namespace callboard::app
