#pragma once

// Migrations on PostgreSQL; see db/migrations.hpp for what they promise. All tables lie in the
// first schema of the search path; the lock is an advisory one for that schema.

#include <string>
#include <vector>

#include "db/migrations.hpp"
#include "db/open.hpp"
#include "db/postgres/connection.hpp"

namespace callboard::db::postgres {

// Where the server itself is reached.
const std::string& direct_url(const Options& options);

std::vector<MigrationStep> pending(const Options& options);
std::vector<MigrationStep> migrate(const Options& options);
// The same in the caller's transaction, on a connection without limits.
std::vector<MigrationStep> migrate_within(Connection& connection, const Options& options);

}  // namespace callboard::db::postgres
