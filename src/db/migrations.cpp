#include "db/migrations.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/error.hpp"
#include "base/random.hpp"
#include "db/database.hpp"
#include "db/embedded_migrations.hpp"
#include "db/open.hpp"

namespace callboard::db {
namespace {

constexpr std::size_t version_digits = 4;
constexpr std::string_view ending = ".sql";
constexpr std::array<std::string_view, 2> dialect_endings = {".sqlite", ".postgres"};

bool ends_with_dialect(std::string_view stem, Dialect dialect) {
  return stem.ends_with(dialect_endings[static_cast<std::size_t>(dialect)]);
}

int version_of(std::string_view file) {
  int version = 0;
  const auto parsed = std::from_chars(file.data(), file.data() + version_digits, version);
  if (parsed.ptr != file.data() + version_digits || version == 0) {
    throw Error(ErrorCode::internal, fmt::format("{} is not named NNNN_name.sql", file));
  }
  return version;
}

// Nothing for a file of the other dialect.
std::optional<Migration> read_file(const MigrationFile& file, Dialect dialect) {
  std::string_view stem = file.name;
  if (!stem.ends_with(ending) || stem.size() < version_digits + 2 || stem[version_digits] != '_') {
    throw Error(ErrorCode::internal, fmt::format("{} is not named NNNN_name.sql", file.name));
  }
  stem.remove_suffix(ending.size());
  for (const Dialect each : {Dialect::sqlite, Dialect::postgres}) {
    if (!ends_with_dialect(stem, each)) continue;
    if (each != dialect) return std::nullopt;
    stem.remove_suffix(dialect_endings[static_cast<std::size_t>(each)].size());
    break;
  }
  return Migration{version_of(file.name), std::string(stem), std::string(file.text)};
}

Error contradiction(std::string message) {
  return Error(ErrorCode::conflict, std::move(message));
}

void require_same(const Migration& known, const AppliedMigration& applied) {
  if (known.version != applied.version) {
    throw contradiction(
        fmt::format("the database's schema has migration {}, but {}, which comes before "
                    "or instead of it, was never applied",
                    applied.name, known.name));
  }
  if (checksum(known) != applied.checksum) {
    throw contradiction(
        fmt::format("migration {} has changed since it was applied to the database", known.name));
  }
}

}  // namespace

std::vector<Migration> select_migrations(std::span<const MigrationFile> files, Dialect dialect) {
  std::vector<Migration> selected;
  for (const MigrationFile& file : files) {
    if (auto migration = read_file(file, dialect)) selected.push_back(std::move(*migration));
  }
  std::ranges::sort(selected, {}, &Migration::version);
  const auto twice = std::ranges::adjacent_find(selected, {}, &Migration::version);
  if (twice != selected.end()) {
    throw Error(ErrorCode::internal, fmt::format("migrations {} and {} have one number",
                                                 twice->name, (twice + 1)->name));
  }
  return selected;
}

const std::vector<Migration>& migrations_of(const Options& options, Dialect dialect) {
  return options.migrations != nullptr ? *options.migrations : built_in_migrations(dialect);
}

const std::vector<Migration>& built_in_migrations(Dialect dialect) {
  static const std::array<std::vector<Migration>, 2> lists = {
      select_migrations(embedded_migrations(), Dialect::sqlite),
      select_migrations(embedded_migrations(), Dialect::postgres)};
  return lists[static_cast<std::size_t>(dialect)];
}

std::string checksum(const Migration& migration) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(migration.sql.data()),
                     migration.sql.size());
  return to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::vector<Migration> plan_migrations(const std::vector<Migration>& known,
                                       const std::vector<AppliedMigration>& applied) {
  const int newest = known.empty() ? 0 : known.back().version;
  if (!applied.empty() && applied.back().version > newest) {
    throw contradiction(
        fmt::format("the database's schema is at version {}, newer than this program, "
                    "which knows {}: use the newer program",
                    applied.back().version, newest));
  }
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i == known.size()) {
      throw contradiction(
          fmt::format("migration {} is not known to this program", applied[i].name));
    }
    require_same(known[i], applied[i]);
  }
  return {known.begin() + static_cast<std::ptrdiff_t>(applied.size()), known.end()};
}

std::vector<MigrationStep> steps_of(const std::vector<Migration>& migrations) {
  std::vector<MigrationStep> steps;
  for (const Migration& each : migrations) steps.push_back({each.version, each.name});
  return steps;
}

int newest_version(const std::vector<Migration>& migrations) {
  return migrations.empty() ? 0 : migrations.back().version;
}

void require_version(Database& database, int version) {
  const auto stored = database.get([](Transaction& transaction) {
    return transaction.first("SELECT max(version) FROM schema_migrations", {},
                             [](const Row& row) { return row.optional_integer(0).value_or(0); });
  });
  if (stored == version) return;
  throw Error(ErrorCode::unavailable,
              fmt::format("the database's schema is at version {}, this program's at {}",
                          stored.value_or(0), version));
}

}  // namespace callboard::db
