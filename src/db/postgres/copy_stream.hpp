#pragma once

// Many rows at once, by PostgreSQL's COPY in its text format: a line a row, columns parted by tabs.
// On a connection without limits, within the caller's transaction; blocks; one thread.
// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.2

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "db/postgres/connection.hpp"

namespace callboard::db::postgres {

// Append one column of a line, as the server itself would write it.
void append_null(std::string& line);
void append_integer(std::string& line, std::int64_t number);
void append_text(std::string& line, std::string_view text);

// While it lives, the connection blocks without limit: a copy takes as long as the other side
// needs.
class Blocking {
 public:
  explicit Blocking(Connection& connection);
  ~Blocking();
  Blocking(const Blocking&) = delete;
  Blocking& operator=(const Blocking&) = delete;

 private:
  Connection& connection_;
};

// Sends lines to a table. What was sent is undone with the transaction, when one was wrong.
class CopyIn {
 public:
  // `target`: a table with its columns, quoted where need be. Throws as Connection.
  CopyIn(Connection& connection, std::string target);

  // With its line break.
  void send(std::string_view line);
  // Throws what the server found wrong with any line.
  void finish();

 private:
  Connection& connection_;
  const Blocking blocking_;
  const std::string target_;
};

// Calls `each` with every line that `source` (a table, or a query in brackets) has, with its line
// break.
void copy_out(Connection& connection, const std::string& source,
              const std::function<void(std::string_view)>& each);

}  // namespace callboard::db::postgres
