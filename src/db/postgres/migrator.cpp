#include "db/postgres/migrator.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "db/migration_history.hpp"

namespace callboard::db::postgres {
namespace {

constexpr auto take_lock =
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/migrations', 0))";

// Text is compared by its bytes, as SQLite does it, whatever the locale of the database: order and
// ranges of ids must be the same everywhere, and indexes must not depend on the system's library.
constexpr auto text_in_other_order = R"(
SELECT format('ALTER TABLE %I ', c.relname) ||
  string_agg(format('ALTER COLUMN %I TYPE TEXT COLLATE "C"', a.attname), ', ')
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = CAST('text' AS regtype)
  AND a.attcollation = CAST('"default"' AS regcollation)
  AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = c.oid AND deptype = 'e'
    AND classid = CAST('pg_class' AS regclass))
  AND (SELECT datlocprovider <> 'c' OR datcollate NOT IN ('C', 'POSIX')
         OR datctype NOT IN ('C', 'POSIX') FROM pg_database
       WHERE datname = current_database())
GROUP BY c.relname ORDER BY c.relname)";

bool has_history(Connection& connection) {
  bool found = false;
  connection.query(
      "SELECT 1 FROM pg_class WHERE relname = 'schema_migrations'"
      " AND relnamespace = CAST(current_schema() AS regnamespace)",
      {}, [&](const Row&) { found = true; });
  return found;
}

std::vector<AppliedMigration> read_history(Connection& connection) {
  if (!has_history(connection)) return {};
  return read_migration_history(connection);
}

void require_schema(Connection& connection) {
  connection.query("SELECT current_schema()", {}, [](const Row& row) {
    if (row.is_null(0)) {
      throw Error(ErrorCode::invalid, "the database has none of the schemas of its search_path");
    }
  });
}

// Before the first migration, since later ones change every table there is.
void require_own_schema(Connection& connection) {
  connection.query(
      "SELECT CAST(relname AS TEXT), CAST(current_schema() AS TEXT) FROM pg_class c"
      " WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind IN ('r', 'p')"
      " AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = c.oid AND classid = CAST('pg_class' "
      "AS regclass) AND deptype = 'e') LIMIT 1",
      {}, [](const Row& row) {
        throw Error(ErrorCode::conflict,
                    fmt::format("the schema {} has another program's table {}: give Callboard a "
                                "database, or a schema in its search_path, of its own",
                                row.text(1), row.text(0)));
      });
}

void order_text_by_bytes(Connection& connection) {
  std::vector<std::string> statements;
  connection.query(text_in_other_order, {},
                   [&](const Row& row) { statements.push_back(row.string(0)); });
  for (const std::string& statement : statements) connection.run_script(statement);
}

}  // namespace

const std::string& direct_url(const Options& options) {
  return options.direct_location.empty() ? options.location : options.direct_location;
}

std::vector<MigrationStep> pending(const Options& options) {
  Connection connection(direct_url(options), options.limits);
  require_schema(connection);
  return steps_of(
      plan_migrations(migrations_of(options, Dialect::postgres), read_history(connection)));
}

std::vector<MigrationStep> migrate_within(Connection& connection, const Options& options) {
  connection.run_command(take_lock);
  if (!has_history(connection)) require_own_schema(connection);
  connection.run_command(create_migration_history);
  const auto todo =
      plan_migrations(migrations_of(options, Dialect::postgres), read_history(connection));
  for (const Migration& migration : todo) apply_migration(connection, migration, options.clock);
  if (!todo.empty()) order_text_by_bytes(connection);
  return steps_of(todo);
}

std::vector<MigrationStep> migrate(const Options& options) {
  Connection connection(direct_url(options), options.limits);
  require_schema(connection);
  if (plan_migrations(migrations_of(options, Dialect::postgres), read_history(connection)).empty())
    return {};
  connection.set_unlimited();
  connection.run_command("BEGIN READ WRITE");
  auto steps = migrate_within(connection, options);
  kill_point("db.migrated");
  connection.run_command("COMMIT");
  kill_point("db.migrations_committed");
  for (const auto& step : steps) log::info("migrated", {{"name", step.name}});
  return steps;
}

}  // namespace callboard::db::postgres
