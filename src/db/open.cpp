#include "db/open.hpp"

#include "db/location.hpp"
#include "db/postgres/migrator.hpp"
#include "db/postgres/postgres_database.hpp"
#include "db/sqlite/migrator.hpp"
#include "db/sqlite/sqlite_database.hpp"

namespace callboard::db {

std::unique_ptr<Database> open(const Options& options) {
  migrate(options);
  if (is_postgres(options.location)) {
    return std::make_unique<postgres::PostgresDatabase>(options);
  }
  return std::make_unique<sqlite::SqliteDatabase>(sqlite_path(options.location), options);
}

std::vector<MigrationStep> pending(const Options& options) {
  if (is_postgres(options.location)) return postgres::pending(options);
  return sqlite::pending(sqlite_path(options.location), options);
}

std::vector<MigrationStep> migrate(const Options& options) {
  if (is_postgres(options.location)) return postgres::migrate(options);
  const auto path = sqlite_path(options.location);
  prepare(path);
  return sqlite::migrate(path, options);
}

}  // namespace callboard::db
