#pragma once

// Moving an installation from SQLite to PostgreSQL. A free function, callable from any thread and
// while a server goes on writing to the source: what it writes after the start is not copied.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "db/open.hpp"

namespace callboard::db {

struct CopiedTable {
  std::string name;
  std::int64_t rows = 0;
  std::uint64_t checksum = 0;  // of all rows, whatever their order
};

// Called now and then while a table is copied.
struct CopyProgress {
  std::string table;
  std::int64_t rows = 0;
  std::int64_t total = 0;
};

// Makes the schema and copies every table, in one snapshot of the source and one transaction of the
// target, and reads all of it back before it commits. Server keys are not in the database.
// Throws Error: invalid (not from SQLite to PostgreSQL), not_found (no source), conflict (the
// target holds rows, either schema is not this program's), unavailable, internal (what arrived is
// not what was sent); then the target is as it was.
std::vector<CopiedTable> copy(const Options& from, const Options& to,
                              const std::function<void(const CopyProgress&)>& progress);

}  // namespace callboard::db
