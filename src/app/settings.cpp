#include "app/settings.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/error.hpp"
#include "base/json.hpp"
#include "db/location.hpp"

namespace callboard::app {
namespace {

constexpr std::array specs = {
    SettingSpec{"data", "callboard-data", "folder of the database and the server key"},
    SettingSpec{"database", "",
                "postgres://USER:PASSWORD@HOST:PORT/NAME, or sqlite:PATH; empty: callboard.db in "
                "the data folder"},
    SettingSpec{"database_direct", "",
                "the same database without PgBouncer, where `database` leads through one"},
    SettingSpec{"database_readers", "8", "connections that read"},
    SettingSpec{"database_writers", "8", "connections to PostgreSQL that write"},
    SettingSpec{"listen", "127.0.0.1:8000", "address and port of the HTTP server"},
    SettingSpec{"public_url", "", "where browsers reach this server, for links and cookies"},
    SettingSpec{"default_app", "",
                "the application of a request that names none; empty: the only one there is"},
    SettingSpec{"role", "all", "all, http or worker (http and worker need PostgreSQL)"},
    SettingSpec{"demo", "false", "fill the demo application with examples, and play LINE beside it",
                true},
    SettingSpec{"dev", "false", "allow the switches that only tests and developers need", true},
    SettingSpec{"server_key", "", "base64 of 32 bytes; else the file server.key in the data folder",
                false, true},
    SettingSpec{"log_level", "info", "debug, info, warning, error or off"},
    SettingSpec{"log_format", "json", "json or text"},
    SettingSpec{"min_free_bytes", "67108864", "with less room on the disk it is not ready"},
    SettingSpec{"slow_request_ms", "1000", "requests that take longer are logged; 0: none is"},
    SettingSpec{"access_log", "false", "log every request", true},
    SettingSpec{"io_threads", "0", "threads that serve connections; 0: one a core"},
    SettingSpec{"work_threads", "8", "threads for requests that need the database"},
    SettingSpec{"work_queue", "1024", "requests that may wait for such a thread before 503"},
    SettingSpec{"trusted_proxies", "", "addresses or CIDR blocks whose X-Forwarded-* count"},
    SettingSpec{"max_connections", "20000", "open connections of the whole server"},
    SettingSpec{"max_connections_per_address", "10000", "loopback and proxies are not counted"},
    SettingSpec{"max_streams", "15000", "open event streams; leave connections for reads"},
    SettingSpec{"max_streams_per_app", "10000", "event streams of one application"},
    SettingSpec{"max_streams_per_address", "1000", "loopback is not counted"},
    SettingSpec{"max_streams_per_user", "10", "event streams of one user"},
    SettingSpec{"header_timeout_ms", "10000", "first byte to the end of a request's header"},
    SettingSpec{"body_timeout_ms", "30000", "for a request's body"},
    SettingSpec{"idle_timeout_ms", "75000", "between two requests of a connection"},
    SettingSpec{"write_timeout_ms", "30000", "for a client that does not read its answer"},
    SettingSpec{"drain_timeout_ms", "10000", "for requests in flight when stopping"},
    SettingSpec{"outgoing_allow", "",
                "addresses or CIDR blocks that configured URLs may lead to though not public"},
    SettingSpec{"provider_cache_bytes", "33554432", "memory for what http providers answered"},
    SettingSpec{"user_cache_bytes", "67108864", "memory for users and their attributes"},
    SettingSpec{"answer_memo_bytes", "33554432", "memory for each user's last answer; 0: none"},
    SettingSpec{"rate_requests_per_address", "0", "a second, of one client address; 0: no limit"},
    SettingSpec{"rate_reads_per_user", "0", "a second, of one user of an application"},
    SettingSpec{"rate_reads_per_app", "0", "a second, of all users and the backend of one"},
    SettingSpec{"rate_writes_per_user", "50", "as rate_reads_per_user"},
    SettingSpec{"rate_writes_per_app", "500", "as rate_reads_per_app"},
    SettingSpec{"rate_writes_per_operator", "500", "a second, of one API token or member"},
    SettingSpec{"sign_ins_per_account", "5", "attempts a minute for one member; 0: no limit"},
    SettingSpec{"sign_ins_per_address", "20", "attempts a minute from one address; 0: no limit"},
    SettingSpec{"logins_per_address", "600", "LINE logins a minute from one address; 0: no limit"},
    SettingSpec{"lease", "30000", "milliseconds that a silent worker keeps its jobs; needs --dev"},
    SettingSpec{"backoff_scale", "1",
                "times every pause before another attempt of a job or message; needs --dev"},
    SettingSpec{"kill_point", "", "NAME:N, where to die by SIGKILL, or NAME:N:stop; needs --dev"},
    SettingSpec{"clock_offset", "0", "seconds by which the clock is wrong; needs --dev"},
};

const SettingSpec& spec_of(std::string_view name, const std::string& source) {
  const auto found = std::ranges::find(specs, name, &SettingSpec::name);
  if (found != specs.end()) return *found;
  throw Error(ErrorCode::invalid, fmt::format("unknown setting \"{}\" in {}", name, source));
}

std::string environment_name(std::string_view name) {
  std::string upper = "CALLBOARD_";
  for (const char c : name) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return upper;
}

// Variables of the environment that are not settings: they point tests at what they test.
bool is_other_variable(std::string_view name) {
  return name == "CALLBOARD_CONFIG" || name == "CALLBOARD_BINARY" ||
         name == "CALLBOARD_TEST_POSTGRES";
}

std::string toml_text(const toml::node& node, std::string_view name, const std::string& path) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  if (const auto* array = node.as_array()) {
    std::string joined;
    for (const auto& element : *array) {
      if (!joined.empty()) joined += ',';
      joined += toml_text(element, name, path);
    }
    return joined;
  }
  throw Error(
      ErrorCode::invalid,
      fmt::format("{}: \"{}\" must be text, a whole number, true, false or a list", path, name));
}

}  // namespace

std::span<const SettingSpec> setting_specs() {
  return specs;
}

Settings::Settings() {
  for (const SettingSpec& spec : specs) {
    values_[std::string(spec.name)] = {std::string(spec.default_value), "default"};
  }
}

void Settings::set(std::string_view name, std::string text, std::string source) {
  const SettingSpec& spec = spec_of(name, source);
  if (spec.is_flag && text != "true" && text != "false") {
    throw Error(ErrorCode::invalid,
                fmt::format("{} in {} must be true or false, not \"{}\"", name, source, text));
  }
  values_.find(name)->second = {std::move(text), std::move(source)};
}

void Settings::read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::invalid, "can't read the configuration file " + path);
  read_text(std::string(std::istreambuf_iterator<char>(file), {}), path);
}

void Settings::read_text(std::string_view toml, const std::string& path) {
  try {
    const toml::table table = toml::parse(toml, path);
    for (const auto& [key, node] : table) set(key.str(), toml_text(node, key.str(), path), path);
  } catch (const toml::parse_error& error) {
    throw Error(ErrorCode::invalid,
                fmt::format("{}:{}: {}", path, error.source().begin.line, error.description()));
  }
}

void Settings::read_environment(std::span<const std::string> environment) {
  for (const std::string& line : environment) {
    const auto equals = line.find('=');
    const std::string variable = line.substr(0, equals);
    if (!variable.starts_with("CALLBOARD_") || is_other_variable(variable)) continue;
    const auto spec = std::ranges::find_if(
        specs, [&](const SettingSpec& s) { return environment_name(s.name) == variable; });
    if (spec == specs.end() || equals == std::string::npos) {
      throw Error(ErrorCode::invalid, "unknown setting in the environment: " + variable);
    }
    set(spec->name, line.substr(equals + 1), "environment " + variable);
  }
}

void Settings::set_flag(std::string_view name, std::string value) {
  std::string flag(name);
  std::ranges::replace(flag, '_', '-');
  set(name, std::move(value), "flag --" + flag);
}

const SettingValue& Settings::value(std::string_view name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw Error(ErrorCode::internal, "no such setting");
  return found->second;
}

const std::string& Settings::text(std::string_view name) const {
  return value(name).text;
}

bool Settings::flag(std::string_view name) const {
  return text(name) == "true";
}

std::int64_t Settings::integer(std::string_view name, std::int64_t low, std::int64_t high) const {
  const auto& [text, source] = value(name);
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc{} && end == text.data() + text.size() && number >= low &&
      number <= high) {
    return number;
  }
  throw Error(ErrorCode::invalid, fmt::format("{} ({}) must be a whole number from {} to {}, not "
                                              "\"{}\"",
                                              name, source, low, high, text));
}

double Settings::real(std::string_view name, double low, double high) const {
  const auto& [text, source] = value(name);
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc{} && end == text.data() + text.size() && number >= low &&
      number <= high) {
    return number;
  }
  throw Error(ErrorCode::invalid, fmt::format("{} ({}) must be a number from {} to {}, not \"{}\"",
                                              name, source, low, high, text));
}

std::vector<std::string> Settings::list(std::string_view name) const {
  std::vector<std::string> items;
  std::istringstream stream(text(name));
  for (std::string item; std::getline(stream, item, ',');) {
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

std::string Settings::choice(std::string_view name,
                             std::span<const std::string_view> choices) const {
  const auto& [text, source] = value(name);
  if (std::ranges::find(choices, text) != choices.end()) return text;
  throw Error(ErrorCode::invalid, fmt::format("{} ({}) must be one of {}, not \"{}\"", name, source,
                                              fmt::join(choices, ", "), text));
}

std::string Settings::describe() const {
  std::string out;
  for (const SettingSpec& spec : specs) {
    const auto& [text, source] = value(spec.name);
    std::string shown;
    append_json_string(shown,
                       spec.is_secret && !text.empty() ? "********" : db::without_password(text));
    out += fmt::format("{:<27} = {:<24} # {}\n", spec.name, shown, source);
  }
  return out;
}

}  // namespace callboard::app
