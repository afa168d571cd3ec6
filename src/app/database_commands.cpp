#include <fmt/format.h>

#include <iostream>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "db/backup.hpp"
#include "db/copy.hpp"

namespace callboard::app {

int migrate(const Settings& settings, bool dry_run) {
  const SystemClock clock;
  Metrics metrics;
  const db::Options options = database_options(settings, clock, metrics);
  const auto steps = dry_run ? db::pending(options) : db::migrate(options);
  for (const db::MigrationStep& step : steps) {
    std::cout << (dry_run ? "pending " : "applied ") << step.name << "\n";
  }
  if (steps.empty()) std::cout << "the schema is up to date\n";
  return 0;
}

int backup(const Settings& settings, const std::string& file) {
  const SystemClock clock;
  Metrics metrics;
  db::backup(database_options(settings, clock, metrics), file);
  std::cout << "wrote " << file << "\nKeep the server key with it ("
            << identity::ServerKey::file_name
            << " in the data folder, or the setting server_key): without it the keys of the "
               "applications in this backup can't be read.\n";
  return 0;
}

int copy_database(const Settings& settings, const CopyRequest& request) {
  const SystemClock clock;
  Metrics metrics;
  db::Options from{.location = request.from, .clock = clock, .metrics = metrics};
  if (from.location.empty()) from.location = settings.text("data");
  db::Options to = database_options(settings, clock, metrics);
  if (!request.to.empty()) {
    to.location = request.to;
    to.direct_location.clear();
  }
  const auto tables = db::copy(from, to, [](const db::CopyProgress& at) {
    std::cerr << fmt::format("{}: {} of {} rows\n", at.table, at.rows, at.total);
  });
  for (const db::CopiedTable& table : tables) {
    std::cout << fmt::format("copied {} rows of {}, checksum {:016x}\n", table.rows, table.name,
                             table.checksum);
  }
  std::cout << "Everything has arrived as it was. The server key is not in the database: give "
            << identity::ServerKey::file_name
            << ", or the setting server_key, to every node of the new one.\n";
  return 0;
}

}  // namespace callboard::app
