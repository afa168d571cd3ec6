#pragma once

// Where a database lies, read from Options::location. Pure, but for prepare(). Any thread.

#include <filesystem>
#include <string_view>

namespace callboard::db {

// The SQLite file of a data directory or `sqlite:PATH`. Throws Error{invalid} for any other URL.
std::filesystem::path sqlite_path(std::string_view location);

// Creates the file and the directories above it when absent, for their owner's eyes only.
// Throws Error{unavailable}.
void prepare(const std::filesystem::path& path);

}  // namespace callboard::db
