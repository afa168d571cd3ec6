// Looks at everything that `serve` will need, changes nothing, and says what to do in whole
// sentences. Each look is a function that returns what it found.

#include <sys/resource.h>
#include <sys/timex.h>
#include <unistd.h>

#include <fmt/format.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/data_lock.hpp"
#include "base/error.hpp"
#include "identity/identity.hpp"

namespace callboard::app {
namespace {

namespace fs = std::filesystem;

enum class Verdict { fine, hint, problem };
struct Finding {
  Verdict verdict;
  std::string text;
};

Finding fine(std::string text) {
  return {Verdict::fine, std::move(text)};
}
Finding hint(std::string text) {
  return {Verdict::hint, std::move(text)};
}
Finding problem(std::string text) {
  return {Verdict::problem, std::move(text)};
}

constexpr std::int64_t comfortable_free_bytes = std::int64_t{1} << 30;
constexpr std::size_t files_besides_connections = 100;
constexpr auto known_zone = "/usr/share/zoneinfo/Asia/Taipei";
// A clock that shows less was never set.
constexpr Timestamp released{std::chrono::seconds{1'767'225'600}};  // 2026

// What a look at the database works with.
struct DatabaseLook {
  explicit DatabaseLook(const Settings& settings)
      : options(database_options(settings, clock, metrics)) {}
  bool is_new(const Configuration& configuration) const {
    if (configuration.database_file) return !fs::exists(*configuration.database_file);
    const auto steps = db::pending(options);
    return !steps.empty() && steps.front().version == 1;
  }

  const SystemClock clock;
  Metrics metrics;
  const db::Options options;
};

// The folder itself, or the nearest one above it that is there.
fs::path existing_folder(fs::path folder) {
  folder = fs::absolute(folder);
  while (!fs::exists(folder) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

Finding look_at_folder(const Configuration& configuration) {
  const fs::path folder = configuration.data_folder;
  const fs::path existing = existing_folder(folder);
  if (!fs::is_directory(existing)) return problem(existing.string() + " is no folder.");
  if (::access(existing.c_str(), R_OK | W_OK | X_OK) != 0) {
    return problem(
        fmt::format("{} can't be written by this user: run as the one who owns it, or "
                    "change the setting data.",
                    existing.string()));
  }
  if (existing != fs::absolute(folder)) {
    return fine(folder.string() + " will be made at the first start.");
  }
  return fine("The data folder " + folder.string() + " can be written.");
}

Finding look_at_space(const Configuration& configuration) {
  if (!configuration.database_file) return fine("The database server's disk keeps the data.");
  const fs::path file = *configuration.database_file;
  std::error_code error;
  const auto space = fs::space(existing_folder(file.parent_path()), error);
  if (error) return hint("How much room the disk has can't be told: " + error.message() + ".");
  const auto free = static_cast<std::int64_t>(space.available);
  const std::string shown = fmt::format("The disk has {} MiB of room", free >> 20);
  if (free < configuration.min_free_bytes) return problem(shown + ": too little to go on writing.");
  const auto size = fs::file_size(file, error);
  const std::int64_t wanted = error ? 0 : 2 * static_cast<std::int64_t>(size);
  if (free < std::max(wanted, comfortable_free_bytes)) {
    return hint(shown + ", which a backup and the write-ahead log may use up: free some.");
  }
  return fine(shown + ".");
}

Finding look_at_server_key(const Settings& settings, const Configuration& configuration) {
  if (existing_server_key(settings)) return fine("The server key can be read; keep a copy of it.");
  if (DatabaseLook(settings).is_new(configuration)) {
    return fine("A server key will be made at the first start; keep a copy of it then.");
  }
  return problem(
      "There is a database but no server key: put back the file server.key that belongs to it, or "
      "give it in the environment as CALLBOARD_SERVER_KEY.");
}

Finding look_at_database(const Settings& settings, const Configuration& configuration) {
  const DatabaseLook look(settings);
  if (look.is_new(configuration)) {
    return fine(configuration.database_file ? "The database will be made at the first start."
                                            : "The database's tables will be made at the first "
                                              "start.");
  }
  const auto steps = db::pending(look.options);
  if (!steps.empty()) {
    return hint(
        fmt::format("The database's schema is {} steps older than this program: make a "
                    "backup; serve, or callboard migrate, will bring it up to date.",
                    steps.size()));
  }
  const auto database = db::open(look.options);
  database->check();
  const auto key = existing_server_key(settings);
  if (!key) return fine("The database opens and has this program's schema.");
  database->read([&](db::Transaction& transaction) {
    identity::KeyStore(*key).check_server_key(transaction);
  });
  return fine(
      "The database opens, has this program's schema, and belongs to the server key. Whether it is "
      "whole says callboard check.");
}

Finding look_at_clock(const Configuration& configuration) {
  const Timestamp now = SystemClock().now();
  if (now < released) {
    return problem("The clock shows " + rfc3339(now) + ": set it, or no signature will hold.");
  }
  std::error_code error;
  const auto written = fs::last_write_time(configuration.database_file.value_or(""), error);
  if (!error && written > fs::file_time_type::clock::now() + std::chrono::minutes{1}) {
    return problem("The database was written at a time that is still to come: set the clock.");
  }
  timex state{};
  if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return hint(
        "The kernel does not know the clock to be right: see that NTP runs. Signatures are good "
        "for "
        "300 seconds either way.");
  }
  return fine("The clock is kept right by NTP.");
}

Finding look_at_port(const Configuration& configuration) {
  const std::string address =
      fmt::format("{} port {}", configuration.server.address, configuration.server.port);
  const auto file = configuration.database_file;
  if (const auto process = file ? DataLock::holder(file->parent_path()) : std::nullopt) {
    return hint(fmt::format("A server (process {}) is running on this data folder.", *process));
  }
  http::check_can_listen(configuration.server);
  return fine(address + " is free.");
}

Finding look_at_file_limit(const Configuration& configuration) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t needed = configuration.server.limits.connections + files_besides_connections;
  if (limit.rlim_max >= needed) return fine("As many files may be open as max_connections needs.");
  return hint(
      fmt::format("This user may open {} files, and max_connections needs {}: raise "
                  "LimitNOFILE in the unit, or ulimit -Hn.",
                  limit.rlim_max, needed));
}

Finding look_at_time_zones(const Configuration&) {
  if (fs::exists(known_zone)) return fine("There is a time zone database.");
  return problem("There is no time zone database: install the package tzdata.");
}

Finding look_at_outside(const Configuration& configuration) {
  const http::ServerOptions& server = configuration.server;
  const bool is_local = server.address == "::1" || server.address.starts_with("127.");
  if (!is_local && server.trusted_proxies.empty()) {
    return hint(
        "Callboard speaks HTTP without TLS and listens to the outside: put a proxy with a "
        "certificate in front, listen on 127.0.0.1 or an inner address, and name the proxy in "
        "trusted_proxies.");
  }
  if (server.trusted_proxies.empty()) {
    return hint(
        "trusted_proxies is empty: if a proxy with a certificate stands in front, name its "
        "address, "
        "or all clients are one to the limits by address.");
  }
  if (configuration.public_url.empty()) {
    return hint(
        "public_url is empty: set it to where browsers reach this server through the proxy, for "
        "links and for the members' sign-in.");
  }
  return fine("X-Forwarded-For and X-Forwarded-Proto of the trusted proxies count.");
}

Finding look_at_switches(const Settings& settings, const Configuration& configuration) {
  if (configuration.clock_offset.count() != 0) {
    return problem("clock_offset is for tests: take it out of the configuration.");
  }
  if (settings.flag("dev")) return hint("dev is for developers: take it out of the configuration.");
  return fine("No switch for developers is on.");
}

Finding guarded(const std::function<Finding()>& look) {
  try {
    return look();
  } catch (const Error& error) {
    return problem(error.message() + ".");
  } catch (const fs::filesystem_error& error) {
    return problem(std::string(error.what()) + ".");
  }
}

void print(const Finding& finding) {
  constexpr std::array<std::string_view, 3> names = {"ok", "hint", "PROBLEM"};
  std::cout << fmt::format("{:<8} {}\n", names[static_cast<std::size_t>(finding.verdict)],
                           finding.text);
}

}  // namespace

int doctor(const Settings& settings) {
  const Configuration configuration = configuration_of(settings);
  print(fine("The settings are in order; callboard config shows them."));
  const std::vector<std::function<Finding()>> looks = {
      [&] { return look_at_switches(settings, configuration); },
      [&] { return look_at_folder(configuration); },
      [&] { return look_at_space(configuration); },
      [&] { return look_at_server_key(settings, configuration); },
      [&] { return look_at_database(settings, configuration); },
      [&] { return look_at_clock(configuration); },
      [&] { return look_at_time_zones(configuration); },
      [&] { return look_at_port(configuration); },
      [&] { return look_at_file_limit(configuration); },
      [&] { return look_at_outside(configuration); },
  };
  std::size_t problems = 0;
  for (const auto& look : looks) {
    const Finding finding = guarded(look);
    problems += finding.verdict == Verdict::problem ? 1 : 0;
    print(finding);
  }
  if (problems != 0) std::cout << "problems: " << problems << "\n";
  return problems == 0 ? 0 : 1;
}

}  // namespace callboard::app
