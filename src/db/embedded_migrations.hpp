#pragma once

// The files of migrations/, as the build put them into the program (embed_migrations.cmake).
// Constants: any thread.

#include <span>

#include "db/migrations.hpp"

namespace callboard::db {

std::span<const MigrationFile> embedded_migrations();

}  // namespace callboard::db
