#include "db/backup.hpp"

#include "base/error.hpp"
#include "db/location.hpp"
#include "db/sqlite/backup.hpp"

namespace callboard::db {

void backup(const Options& options, const std::filesystem::path& to) {
  if (is_postgres(options.location)) {
    throw Error(ErrorCode::invalid, "a PostgreSQL database is backed up with pg_dump");
  }
  sqlite::backup(sqlite_path(options.location), to, options.limits.busy_timeout);
}

std::vector<std::string> check(const Options& options) {
  // PostgreSQL keeps its pages and keys right by itself, or says so at any read.
  if (is_postgres(options.location)) return {};
  return sqlite::check(sqlite_path(options.location), options.limits.busy_timeout);
}

}  // namespace callboard::db
