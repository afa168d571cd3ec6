#pragma once

// What a schema consists of, as its server knows it. Free functions on the caller's connection.

#include <string>
#include <vector>

#include "db/postgres/connection.hpp"

namespace callboard::db::postgres {

struct Table {
  std::string name;
  std::vector<std::string> columns;
  std::string identity;  // the column that the server numbers; empty: none
};

// The tables that hold data, those that others refer to first: all but the migrations' own and the
// change log, which is about one database alone.
std::vector<Table> tables_in_order(Connection& connection);

std::string quoted(std::string_view name);
// "column", "column", ... as COPY and SELECT take them.
std::string columns_of(const Table& table);

}  // namespace callboard::db::postgres
