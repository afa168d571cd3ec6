# cmake -DOUTPUT=FILE.cpp "-DFILES=A.sql;B.sql" -P embed_migrations.cmake
# Writes each file into OUTPUT as a raw string literal, under its name.

set(entries "")
foreach(path IN LISTS FILES)
  get_filename_component(name "${path}" NAME)
  file(READ "${path}" text)
  if(text MATCHES "\\)migration\"")
    message(FATAL_ERROR "${name} holds the delimiter of its own literal")
  endif()
  string(APPEND entries "    {\"${name}\", R\"migration(${text})migration\"},\n")
endforeach()

file(WRITE "${OUTPUT}"
"#include \"db/embedded_migrations.hpp\"

namespace callboard::db {

std::span<const MigrationFile> embedded_migrations() {
  static constexpr MigrationFile files[] = {
${entries}  };
  return files;
}

}  // namespace callboard::db
")
