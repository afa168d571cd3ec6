#pragma once

// A statement's values as libpq takes them: as text, with the type told for numbers and left to the
// server for all else. Used by one thread, during one call.

#include <libpq-fe.h>

#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"

namespace callboard::db::postgres {

class Parameters {
 public:
  // Throws Error{internal} for text with a NUL, which PostgreSQL can't keep.
  Parameters(Values values, std::string_view sql);

  int count() const { return static_cast<int>(pointers_.size()); }
  const char* const* values() const { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;  // null: NULL
};

// One entry a value; 0: the server infers it.
std::vector<Oid> types_of(Values values);
// What one prepared statement serves: its text with these kinds of values.
std::string statement_key(std::string_view sql, Values values);

}  // namespace callboard::db::postgres
