#pragma once

// Where a database lies, read from Options::location. Pure, but for prepare(). Any thread.

#include <filesystem>
#include <string>
#include <string_view>

namespace callboard::db {

// "postgres://..." or "postgresql://...".
bool is_postgres(std::string_view location);
// The location without the password in it, for people to read.
std::string without_password(std::string_view location);

// The SQLite file of a data directory or `sqlite:PATH`. Throws Error{invalid} for any URL.
std::filesystem::path sqlite_path(std::string_view location);

// Creates the file and the directories above it when absent, for their owner's eyes only.
// Throws Error{unavailable}.
void prepare(const std::filesystem::path& path);

}  // namespace callboard::db
