#pragma once

// What both databases' migrators do with the table schema_migrations, on a connection of either
// kind. For the two migrators alone.

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "db/database.hpp"
#include "db/migrations.hpp"

namespace callboard::db {

inline constexpr auto create_migration_history = R"(
CREATE TABLE IF NOT EXISTS schema_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at_ms BIGINT NOT NULL
))";

template <class Connection>
std::vector<AppliedMigration> read_migration_history(Connection& connection) {
  std::vector<AppliedMigration> applied;
  connection.query(
      "SELECT version, name, checksum FROM schema_migrations ORDER BY version", {},
      [&](const Row& row) {
        applied.push_back({static_cast<int>(row.integer(0)), row.string(1), row.string(2)});
      });
  return applied;
}

inline Error migration_failure(const Migration& migration, std::string why) {
  return Error(ErrorCode::internal, fmt::format("migration {} failed", migration.name))
      .with_private(std::move(why));
}

// Within the caller's transaction, and recorded there.
template <class Connection>
void apply_migration(Connection& connection, const Migration& migration, const Clock& clock) {
  try {
    connection.run_script(migration.sql);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::unavailable) throw;
    throw migration_failure(migration, error.private_detail());
  }
  if (!connection.in_transaction()) {
    throw migration_failure(migration, "it ended the transaction");
  }
  connection.execute(
      "INSERT INTO schema_migrations (version, name, checksum, applied_at_ms)"
      " VALUES ($1, $2, $3, $4)",
      {std::int64_t{migration.version}, migration.name, checksum(migration), unix_ms(clock.now())});
}

}  // namespace callboard::db
