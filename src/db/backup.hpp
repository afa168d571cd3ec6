#pragma once

// Copying a live database to a file, and looking for damage. Free functions, callable from any
// thread and while a server uses the database.

#include <filesystem>
#include <string>
#include <vector>

#include "db/open.hpp"

namespace callboard::db {

// Writes one consistent copy, made while others go on writing, to a new file that is complete and
// on disk when this returns. Throws Error: not_found (no database), conflict (the file exists
// already), unavailable, invalid (PostgreSQL has pg_dump). The copy holds sealed secrets only: the
// server's key file must be kept with it.
void backup(const Options& options, const std::filesystem::path& to);

// What is damaged, a line each: pages, indexes, foreign keys. Empty: all is well. Throws as
// backup().
std::vector<std::string> check(const Options& options);

}  // namespace callboard::db
