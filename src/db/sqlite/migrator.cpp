#include "db/sqlite/migrator.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/log.hpp"

namespace callboard::db::sqlite {
namespace {

constexpr auto history_table = R"(
CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at_ms INTEGER NOT NULL
))";

bool has_history(Connection& connection) {
  bool found = false;
  connection.query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'", {},
                   [&](const Row&) { found = true; });
  return found;
}

std::vector<AppliedMigration> read_history(Connection& connection) {
  std::vector<AppliedMigration> applied;
  if (!has_history(connection)) return applied;
  connection.query(
      "SELECT version, name, checksum FROM schema_migrations ORDER BY version", {},
      [&](const Row& row) {
        applied.push_back({static_cast<int>(row.integer(0)), row.string(1), row.string(2)});
      });
  return applied;
}

Error failure(const Migration& migration, std::string why) {
  return Error(ErrorCode::internal, fmt::format("migration {} failed", migration.name))
      .with_private(std::move(why));
}

void apply(Connection& connection, const Migration& migration, const Clock& clock) {
  try {
    connection.run_script(migration.sql);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unavailable) throw;
    throw failure(migration, error.private_detail());
  }
  if (!connection.in_transaction()) throw failure(migration, "it ended the transaction");
  connection.execute(
      "INSERT INTO schema_migrations (version, name, checksum, applied_at_ms) VALUES ($1, $2, $3, "
      "$4)",
      {std::int64_t{migration.version}, migration.name, checksum(migration), unix_ms(clock.now())});
}

// Foreign keys are off while tables are rebuilt, so they are looked at once at the end.
void require_foreign_keys(Connection& connection) {
  connection.query("PRAGMA foreign_key_check", {}, [](const Row& row) {
    throw Error(ErrorCode::internal, "the migrations break a foreign key")
        .with_private("of table " + row.string(0));
  });
}

std::vector<MigrationStep> apply_pending(Connection& connection, const Options& options) {
  connection.execute(history_table);
  const auto todo =
      plan_migrations(migrations_of(options, Dialect::sqlite), read_history(connection));
  for (const Migration& migration : todo) apply(connection, migration, options.clock);
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
    connection.execute("COMMIT");
    for (const auto& step : steps) log::info("migrated", {{"name", step.name}});
    return steps;
  } catch (...) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    throw;
  }
}

}  // namespace callboard::db::sqlite
