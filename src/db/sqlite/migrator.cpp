#include "db/sqlite/migrator.hpp"

#include "base/error.hpp"
#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "db/migration_history.hpp"

namespace callboard::db::sqlite {
namespace {

bool has_history(Connection& connection) {
  bool found = false;
  connection.query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'", {},
                   [&](const Row&) { found = true; });
  return found;
}

std::vector<AppliedMigration> read_history(Connection& connection) {
  if (!has_history(connection)) return {};
  return read_migration_history(connection);
}

// Foreign keys are off while tables are rebuilt, so they are looked at once at the end.
void require_foreign_keys(Connection& connection) {
  connection.query("PRAGMA foreign_key_check", {}, [](const Row& row) {
    throw Error(ErrorCode::internal, "the migrations break a foreign key")
        .with_private("of table " + row.string(0));
  });
}

std::vector<MigrationStep> apply_pending(Connection& connection, const Options& options) {
  connection.execute(create_migration_history);
  const auto todo =
      plan_migrations(migrations_of(options, Dialect::sqlite), read_history(connection));
  for (const Migration& migration : todo) apply_migration(connection, migration, options.clock);
  if (!todo.empty()) require_foreign_keys(connection);
  return steps_of(todo);
}

}  // namespace

std::vector<MigrationStep> pending(const std::filesystem::path& path, const Options& options) {
  if (!std::filesystem::exists(path)) return steps_of(migrations_of(options, Dialect::sqlite));
  Connection connection(path, Access::read, options.limits.busy_timeout);
  return steps_of(
      plan_migrations(migrations_of(options, Dialect::sqlite), read_history(connection)));
}

std::vector<MigrationStep> migrate(const std::filesystem::path& path, const Options& options) {
  if (pending(path, options).empty()) return {};  // needs no lock, so a busy writer holds nobody up
  Connection connection(path, Access::schema, options.limits.busy_timeout);
  connection.execute("BEGIN IMMEDIATE");
  try {
    auto steps = apply_pending(connection, options);
    kill_point("db.migrated");
    connection.execute("COMMIT");
    kill_point("db.migrations_committed");
    for (const auto& step : steps) log::info("migrated", {{"name", step.name}});
    return steps;
  } catch (...) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    throw;
  }
}

}  // namespace callboard::db::sqlite
