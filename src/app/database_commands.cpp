#include <iostream>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "db/backup.hpp"

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

}  // namespace callboard::app
