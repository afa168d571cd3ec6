#pragma once

// Migrations on SQLite; see db/migrations.hpp for what they promise. The lock is BEGIN IMMEDIATE.

#include <filesystem>
#include <vector>

#include "db/migrations.hpp"
#include "db/open.hpp"
#include "db/sqlite/connection.hpp"

namespace callboard::db::sqlite {

std::vector<MigrationStep> pending(const std::filesystem::path& path, const Options& options);
std::vector<MigrationStep> migrate(const std::filesystem::path& path, const Options& options);

}  // namespace callboard::db::sqlite
