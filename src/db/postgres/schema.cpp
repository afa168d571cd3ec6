#include "db/postgres/schema.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.hpp"

namespace callboard::db::postgres {
namespace {

constexpr std::string_view select_columns = R"(
SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), CAST(a.attidentity <> '' AS INTEGER)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind = 'r'
  AND c.relname NOT IN ('schema_migrations', 'changes')
  AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = c.oid AND deptype = 'e'
    AND classid = CAST('pg_class' AS regclass))
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum)";

constexpr std::string_view select_references = R"(
SELECT CAST(c.relname AS TEXT), CAST(r.relname AS TEXT)
FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
WHERE f.contype = 'f' AND c.relnamespace = CAST(current_schema() AS regnamespace)
  AND c.oid <> r.oid)";

using References = std::set<std::pair<std::string, std::string>>;  // of table, to table

std::vector<Table> tables_by_name(Connection& connection) {
  std::vector<Table> tables;
  connection.query(select_columns, {}, [&](const Row& row) {
    if (tables.empty() || tables.back().name != row.text(0))
      tables.push_back({row.string(0), {}, {}});
    tables.back().columns.push_back(row.string(1));
    if (row.integer(2) != 0) tables.back().identity = row.string(1);
  });
  return tables;
}

bool refers_to_any(const References& references, const Table& table,
                   const std::vector<Table>& others) {
  return std::ranges::any_of(
      others, [&](const Table& other) { return references.contains({table.name, other.name}); });
}

}  // namespace

std::vector<Table> tables_in_order(Connection& connection) {
  std::vector<Table> left = tables_by_name(connection);
  References references;
  connection.query(select_references, {},
                   [&](const Row& row) { references.emplace(row.string(0), row.string(1)); });
  std::vector<Table> ordered;
  while (!left.empty()) {
    const auto next = std::ranges::find_if(
        left, [&](const Table& table) { return !refers_to_any(references, table, left); });
    if (next == left.end())
      throw Error(ErrorCode::internal, "tables refer to each other in a ring");
    ordered.push_back(std::move(*next));
    left.erase(next);
  }
  return ordered;
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

std::string columns_of(const Table& table) {
  std::string list;
  for (const std::string& column : table.columns) {
    list += (list.empty() ? "" : ", ") + quoted(column);
  }
  return list;
}

}  // namespace callboard::db::postgres
