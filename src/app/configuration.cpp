#include "app/configuration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "db/location.hpp"

namespace callboard::app {
namespace {

constexpr std::int64_t max_threads = 256;
constexpr std::int64_t max_database_connections = 1'000;
constexpr std::int64_t max_queue = 1'000'000;
constexpr std::int64_t max_connections = 1'000'000;
constexpr std::int64_t max_timeout_ms = 3'600'000;
constexpr std::int64_t max_cache_bytes = std::int64_t{1} << 40;
constexpr std::int64_t max_free_bytes = std::int64_t{1} << 60;
constexpr std::int64_t max_sign_ins = 1'000'000;
constexpr std::int64_t max_clock_offset_s = 10LL * 366 * 86'400;
constexpr double max_backoff_scale = 100;

std::size_t size(const Settings& settings, std::string_view name, std::int64_t low,
                 std::int64_t high) {
  return static_cast<std::size_t>(settings.integer(name, low, high));
}

std::uint32_t rate(const Settings& settings, std::string_view name) {
  return static_cast<std::uint32_t>(settings.integer(name, 0, max_sign_ins));
}

std::chrono::milliseconds timeout(const Settings& settings, std::string_view name) {
  return std::chrono::milliseconds{settings.integer(name, 1, max_timeout_ms)};
}

http::Limits limits_of(const Settings& settings) {
  http::Limits limits;
  limits.connections = size(settings, "max_connections", 1, max_connections);
  limits.connections_per_address =
      size(settings, "max_connections_per_address", 1, max_connections);
  limits.header_timeout = timeout(settings, "header_timeout_ms");
  limits.body_timeout = timeout(settings, "body_timeout_ms");
  limits.idle_timeout = timeout(settings, "idle_timeout_ms");
  limits.write_timeout = timeout(settings, "write_timeout_ms");
  limits.drain_timeout = timeout(settings, "drain_timeout_ms");
  return limits;
}

bulletins::StreamLimits stream_limits_of(const Settings& settings) {
  return {size(settings, "max_streams", 0, max_connections),
          size(settings, "max_streams_per_app", 0, max_connections),
          size(settings, "max_streams_per_address", 0, max_connections),
          size(settings, "max_streams_per_user", 0, max_connections)};
}

identity::RateLimits rate_limits_of(const Settings& settings) {
  const auto rate = [&](std::string_view name) {
    return static_cast<std::uint32_t>(settings.integer(name, 0, identity::RateLimits::max));
  };
  return {.requests_per_address = rate("rate_requests_per_address"),
          .reads_per_user = rate("rate_reads_per_user"),
          .reads_per_app = rate("rate_reads_per_app"),
          .writes_per_user = rate("rate_writes_per_user"),
          .writes_per_app = rate("rate_writes_per_app"),
          .writes_per_operator = rate("rate_writes_per_operator")};
}

// "127.0.0.1:8000", "[::1]:8000"
void read_listen(const Settings& settings, http::ServerOptions& options) {
  const auto& [text, source] = settings.value("listen");
  const auto colon = text.rfind(':');
  unsigned port = 0;
  const bool has_port = colon != std::string::npos && colon + 1 < text.size() &&
                        text.find_first_not_of("0123456789", colon + 1) == std::string::npos &&
                        text.size() - colon <= 6;
  if (has_port) port = static_cast<unsigned>(std::stoul(text.substr(colon + 1)));
  if (!has_port || colon == 0 || port > 65'535) {
    throw Error(ErrorCode::invalid,
                fmt::format("listen ({}) must be ADDRESS:PORT, not \"{}\"", source, text));
  }
  options.address = text.substr(0, colon);
  if (options.address.starts_with('[') && options.address.ends_with(']')) {
    options.address = options.address.substr(1, options.address.size() - 2);
  }
  options.port = static_cast<std::uint16_t>(port);
}

// What only tests may set.
void require_dev(const Settings& settings, const std::string& name, bool is_set) {
  if (!is_set || settings.flag("dev")) return;
  throw Error(ErrorCode::invalid, name + " is for tests and needs --dev");
}

std::chrono::seconds clock_offset_of(const Settings& settings) {
  const auto offset = settings.integer("clock_offset", -max_clock_offset_s, max_clock_offset_s);
  require_dev(settings, "clock_offset", offset != 0);
  return std::chrono::seconds{offset};
}

jobs::WorkerOptions worker_options_of(const Settings& settings) {
  jobs::WorkerOptions options;
  const auto usual_lease = options.lease;
  options.lease = std::chrono::milliseconds{
      settings.integer("lease", jobs::min_lease.count(), jobs::max_lease.count())};
  require_dev(settings, "lease", options.lease != usual_lease);
  options.backoff_scale = settings.real("backoff_scale", 0, max_backoff_scale);
  require_dev(settings, "backoff_scale", options.backoff_scale != 1);
  return options;
}

LogChoice log_choice_of(const Settings& settings) {
  using enum log::Level;
  constexpr std::array<std::string_view, 5> names = {"debug", "info", "warning", "error", "off"};
  constexpr std::array levels = {debug, info, warning, error, off};
  constexpr std::array<std::string_view, 2> formats = {"json", "text"};
  const std::string level = settings.choice("log_level", names);
  const std::string format = settings.choice("log_format", formats);
  const auto place = std::find(names.begin(), names.end(), level) - names.begin();
  return {levels[static_cast<std::size_t>(place)],
          format == "json" ? log::Format::json : log::Format::text};
}

// A data folder, `sqlite:PATH` or `postgres://...`.
std::string database_location(const Settings& settings) {
  const auto& [text, source] = settings.value("database");
  if (text.empty()) return settings.text("data");
  if (db::is_postgres(text) || text.starts_with("sqlite:")) return text;
  throw Error(ErrorCode::invalid, fmt::format("database ({}) must be sqlite:PATH or "
                                              "postgres://USER:PASSWORD@HOST:PORT/NAME",
                                              source));
}

std::string direct_location(const Settings& settings) {
  const auto& [text, source] = settings.value("database_direct");
  const bool may_be = db::is_postgres(settings.text("database")) && db::is_postgres(text);
  if (text.empty() || may_be) return text;
  throw Error(ErrorCode::invalid,
              fmt::format("database_direct ({}) must be postgres://..., as database is", source));
}

Role role_of(const Settings& settings) {
  constexpr std::array<std::string_view, 3> names = {"all", "http", "worker"};
  const std::string name = settings.choice("role", names);
  const auto role = static_cast<Role>(std::find(names.begin(), names.end(), name) - names.begin());
  if (role == Role::all || db::is_postgres(database_location(settings))) return role;
  throw Error(ErrorCode::invalid,
              "role " + name + " needs PostgreSQL; with SQLite one process does everything");
}

}  // namespace

Configuration configuration_of(const Settings& settings) {
  Configuration configuration;
  configuration.role = role_of(settings);
  configuration.data_folder = settings.text("data");
  if (const auto location = database_location(settings); !db::is_postgres(location)) {
    configuration.database_file = std::filesystem::absolute(db::sqlite_path(location));
  }
  configuration.demo = settings.flag("demo");
  configuration.log = log_choice_of(settings);
  configuration.min_free_bytes = settings.integer("min_free_bytes", 0, max_free_bytes);
  read_listen(settings, configuration.server);
  configuration.server.threads = size(settings, "io_threads", 0, max_threads);
  configuration.server.trusted_proxies = settings.list("trusted_proxies");
  http::check(configuration.server);
  configuration.server.limits = limits_of(settings);
  configuration.server.log = {
      std::chrono::milliseconds{settings.integer("slow_request_ms", 0, max_timeout_ms)},
      settings.flag("access_log")};
  configuration.work_threads = size(settings, "work_threads", 1, max_threads);
  configuration.work_queue = size(settings, "work_queue", 1, max_queue);
  configuration.outgoing_allow = settings.list("outgoing_allow");
  configuration.provider_cache_bytes = size(settings, "provider_cache_bytes", 1, max_cache_bytes);
  configuration.user_cache_bytes = size(settings, "user_cache_bytes", 1, max_cache_bytes);
  configuration.answer_memo_bytes = size(settings, "answer_memo_bytes", 0, max_cache_bytes);
  configuration.streams = stream_limits_of(settings);
  configuration.rate_limits = rate_limits_of(settings);
  configuration.default_app = settings.value("default_app").text;
  configuration.public_url = public_url_of(settings);
  const std::string base_path = identity::OwnAddress(configuration.public_url).base_path();
  if (base_path != "/") configuration.server.base_path = base_path;
  configuration.sign_in_limits.account.count = rate(settings, "sign_ins_per_account");
  configuration.sign_in_limits.address.count = rate(settings, "sign_ins_per_address");
  configuration.login_limit.departures_a_minute = rate(settings, "logins_per_address");
  configuration.dev = settings.flag("dev");
  configuration.clock_offset = clock_offset_of(settings);
  configuration.workers = worker_options_of(settings);
  configuration.kill_point = settings.text("kill_point");
  require_dev(settings, "kill_point", !configuration.kill_point.empty());
  return configuration;
}

db::Options database_options(const Settings& settings, const Clock& clock, Metrics& metrics) {
  db::Options options{database_location(settings), clock, metrics};
  options.direct_location = direct_location(settings);
  options.limits.readers = size(settings, "database_readers", 1, max_database_connections);
  options.limits.writers = size(settings, "database_writers", 1, max_database_connections);
  return options;
}

std::string public_url_of(const Settings& settings) {
  const auto& [text, source] = settings.value("public_url");
  if (text.empty() || audience::is_front_end_url(text)) return text;
  throw Error(ErrorCode::invalid,
              fmt::format("public_url ({}) must be an http or https URL without query and "
                          "fragment, not \"{}\"",
                          source, text));
}

std::string local_url_of(const Settings& settings) {
  return "http://" + settings.text("listen");
}

std::optional<identity::ServerKey> existing_server_key(const Settings& settings) {
  const std::string& text = settings.text("server_key");
  if (!text.empty()) return identity::ServerKey::from_text(text);
  const auto folder = std::filesystem::path(settings.text("data"));
  if (!std::filesystem::exists(folder / identity::ServerKey::file_name)) return std::nullopt;
  return identity::ServerKey::load_or_create(folder);
}

identity::ServerKey server_key_of(const Settings& settings, db::Database& database) {
  const auto existing = existing_server_key(settings);
  database.read([&](db::Transaction& transaction) {
    if (existing) {
      identity::KeyStore(*existing).check_server_key(transaction);
    } else if (identity::KeyStore::holds_secrets(transaction)) {
      throw Error(ErrorCode::invalid,
                  "the database has secrets, but their server key is not here: put the file "
                  "server.key that belongs to it into the data folder, or give it in the "
                  "environment as CALLBOARD_SERVER_KEY");
    }
  });
  if (existing) return *existing;
  if (role_of(settings) == Role::worker) {
    throw Error(ErrorCode::invalid,
                "a worker makes no server key: give it that of the other nodes");
  }
  std::filesystem::create_directories(settings.text("data"));
  return identity::ServerKey::load_or_create(settings.text("data"));
}

}  // namespace callboard::app
