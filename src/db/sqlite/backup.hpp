#pragma once

// db/backup.hpp on SQLite, by its online backup interface.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace callboard::db::sqlite {

void backup(const std::filesystem::path& from, const std::filesystem::path& to,
            std::chrono::milliseconds busy_timeout);
std::vector<std::string> check(const std::filesystem::path& path,
                               std::chrono::milliseconds busy_timeout);

}  // namespace callboard::db::sqlite
