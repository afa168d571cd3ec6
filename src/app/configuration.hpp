#pragma once

// The settings, read and checked: what the composition works with. A plain value.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.hpp"
#include "base/log.hpp"
#include "bulletins/bulletins.hpp"
#include "db/open.hpp"
#include "http/server.hpp"
#include "identity/identity.hpp"
#include "jobs/workers.hpp"

namespace callboard::app {

struct LogChoice {
  log::Level level = log::Level::info;
  log::Format format = log::Format::json;
};

enum class Role {
  all,
  http,    // answers requests
  worker,  // answers for itself alone: /healthz, /readyz, /metrics
};

struct Configuration {
  LogChoice log;
  Role role = Role::all;
  std::string data_folder;
  // Of the SQLite file; nothing: the database is a server's affair.
  std::optional<std::filesystem::path> database_file;
  bool demo = false;
  http::ServerOptions server;
  std::int64_t min_free_bytes = 0;
  std::size_t work_threads = 8;
  std::size_t work_queue = 1024;
  std::vector<std::string> outgoing_allow;
  std::size_t provider_cache_bytes = 0;
  std::size_t user_cache_bytes = 0;
  std::size_t answer_memo_bytes = 0;
  bulletins::StreamLimits streams;
  identity::RateLimits rate_limits;
  std::string default_app;  // empty: the only one there is
  std::string public_url;   // without a final '/'; empty: not known
  identity::SignInLimits sign_in_limits;
  identity::LoginLimit login_limit;
  bool dev = false;
  std::chrono::seconds clock_offset{0};
  jobs::WorkerOptions workers;
  std::string kill_point;  // empty: none
};

// Throws Error{invalid} that names the setting and where it came from.
Configuration configuration_of(const Settings& settings);

// What commands other than `serve` need too.
db::Options database_options(const Settings& settings, const Clock& clock, Metrics& metrics);
std::string public_url_of(const Settings& settings);
// What stands for an unknown public URL: the address that the server listens on.
std::string local_url_of(const Settings& settings);
std::optional<identity::ServerKey> existing_server_key(const Settings& settings);
// Makes one where there is none and the database holds no secret yet. Throws Error{invalid} where
// the database's secrets were sealed with another one.
identity::ServerKey server_key_of(const Settings& settings, db::Database& database);

}  // namespace callboard::app
