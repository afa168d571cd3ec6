#include "db/backup.hpp"

#include "db/location.hpp"
#include "db/sqlite/backup.hpp"

namespace callboard::db {

void backup(const Options& options, const std::filesystem::path& to) {
  sqlite::backup(sqlite_path(options.location), to, options.limits.busy_timeout);
}

std::vector<std::string> check(const Options& options) {
  return sqlite::check(sqlite_path(options.location), options.limits.busy_timeout);
}

}  // namespace callboard::db
