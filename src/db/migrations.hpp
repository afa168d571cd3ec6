#pragma once

// The schema's history: numbered, forward-only SQL files (migrations/), built into the program.
// Each is applied once, under a lock, all pending ones in one transaction; its checksum is kept, so
// that a file changed after the fact is refused, as is a schema newer than the program.
//
// Free functions, callable from any thread and from several processes at once.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callboard::db {

class Database;
struct Options;

enum class Dialect { sqlite, postgres };

// A file as it lies in migrations/: "0001_changes.sqlite.sql", or "0002_applications.sql" for both.
struct MigrationFile {
  std::string_view name;
  std::string_view text;
};

struct Migration {
  int version = 0;
  std::string name;  // "0001_changes"
  std::string sql;   // any number of statements, none of which ends the transaction
};

// A row of schema_migrations.
struct AppliedMigration {
  int version = 0;
  std::string name;
  std::string checksum;
};

struct MigrationStep {
  int version = 0;
  std::string name;
};

// What is pending, in order; changes nothing, not even creates the database. Throws as migrate().
std::vector<MigrationStep> pending(const Options& options);
// Applies what is pending and returns it. Throws Error{conflict} when the database's history is not
// this program's (changed, newer, or applied out of order); a failing migration leaves nothing.
std::vector<MigrationStep> migrate(const Options& options);

// The ones that the options ask for, or the program's own, in order.
const std::vector<Migration>& migrations_of(const Options& options, Dialect dialect);
// The program's own, in order.
const std::vector<Migration>& built_in_migrations(Dialect dialect);
// The files of one dialect, in order. Throws Error{internal} for a name out of form or a number
// that is there twice.
std::vector<Migration> select_migrations(std::span<const MigrationFile> files, Dialect dialect);
// SHA-256 of the text, in hexadecimal: what sha256sum says of the file.
std::string checksum(const Migration& migration);
// What of `known` remains to be done after `applied` (both in order). Throws as migrate().
std::vector<Migration> plan_migrations(const std::vector<Migration>& known,
                                       const std::vector<AppliedMigration>& applied);

std::vector<MigrationStep> steps_of(const std::vector<Migration>& migrations);
// 0: none.
int newest_version(const std::vector<Migration>& migrations);
// Throws Error{unavailable} where the database is at another version.
void require_version(Database& database, int version);

}  // namespace callboard::db
