#include "db/copy.hpp"

#include <fmt/format.h>

#include <xxhash.h>
#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "base/error.hpp"
#include "db/location.hpp"
#include "db/postgres/connection.hpp"
#include "db/postgres/copy_stream.hpp"
#include "db/postgres/migrator.hpp"
#include "db/postgres/schema.hpp"
#include "db/sqlite/connection.hpp"

namespace callboard::db {
namespace {

using postgres::Table;

constexpr std::int64_t rows_between_reports = 50'000;

// Of rows in any order: the sum of their hashes. A row is the line that COPY has for it.
class Checksum {
 public:
  void add(std::string_view line) {
    sum_ += XXH3_64bits(line.data(), line.size());
    ++rows_;
  }
  std::int64_t rows() const { return rows_; }
  std::uint64_t value() const { return sum_; }
  bool operator==(const Checksum&) const = default;

 private:
  std::int64_t rows_ = 0;
  std::uint64_t sum_ = 0;
};

std::filesystem::path require_source(const Options& from) {
  if (is_postgres(from.location)) throw Error(ErrorCode::invalid, "copies come from sqlite:PATH");
  auto path = sqlite_path(from.location);
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorCode::not_found, "there is no database at " + path.string());
  }
  if (pending(from).empty()) return path;
  throw Error(ErrorCode::conflict, path.string() + " is older than this program: migrate it first");
}

std::int64_t count_of(sqlite::Connection& source, const std::string& table) {
  std::int64_t count = 0;
  source.query("SELECT count(*) FROM " + postgres::quoted(table), {},
               [&](const Row& row) { count = row.integer(0); });
  return count;
}

// The columns of every table, by name.
using Columns = std::set<std::pair<std::string, std::string>>;

Columns columns_in(sqlite::Connection& source) {
  Columns columns;
  source.query(
      "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
      " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"
      " AND t.name NOT IN ('schema_migrations', 'changes')",
      {}, [&](const Row& row) { columns.emplace(row.string(0), row.string(1)); });
  return columns;
}

void require_same_columns(sqlite::Connection& source, const std::vector<Table>& tables) {
  Columns columns;
  for (const Table& table : tables) {
    for (const std::string& column : table.columns) columns.emplace(table.name, column);
  }
  if (columns == columns_in(source)) return;
  throw Error(ErrorCode::internal, "the two databases have different tables");
}

// Nobody else reads or writes them until the end.
void take_empty(postgres::Connection& target, const Table& table) {
  target.run_script("LOCK TABLE " + postgres::quoted(table.name) + " IN ACCESS EXCLUSIVE MODE");
  target.query("SELECT 1 FROM " + postgres::quoted(table.name) + " LIMIT 1", {}, [&](const Row&) {
    throw Error(ErrorCode::conflict,
                fmt::format("the target is not empty: its table {} has rows", table.name));
  });
}

void append_column(std::string& line, sqlite3_stmt* row, int column, const Table& table) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
      return postgres::append_null(line);
    case SQLITE_INTEGER:
      return postgres::append_integer(line, sqlite3_column_int64(row, column));
    case SQLITE_TEXT:
      return postgres::append_text(line, sqlite::StatementRow(row).text(column));
    default:
      throw Error(ErrorCode::internal,
                  fmt::format("{}.{} holds a value of a kind that is not copied", table.name,
                              table.columns[static_cast<std::size_t>(column)]));
  }
}

Checksum send_rows(sqlite::Connection& source, postgres::Connection& target, const Table& table,
                   const std::function<void(const CopyProgress&)>& progress) {
  const std::string name = postgres::quoted(table.name);
  const std::string columns = postgres::columns_of(table);
  const std::int64_t total = count_of(source, table.name);
  postgres::CopyIn copy(target, name + " (" + columns + ")");
  sqlite::Statement select(source.handle(), "SELECT " + columns + " FROM " + name);
  Checksum sent;
  std::string line;
  while (select.step()) {
    line.clear();
    for (int column = 0; column < static_cast<int>(table.columns.size()); ++column) {
      if (column > 0) line += '\t';
      append_column(line, select.handle(), column, table);
    }
    line += '\n';
    copy.send(line);
    sent.add(line);
    if (sent.rows() % rows_between_reports == 0) progress({table.name, sent.rows(), total});
  }
  copy.finish();
  progress({table.name, sent.rows(), total});
  return sent;
}

void require_arrived(postgres::Connection& target, const Table& table, const Checksum& sent) {
  Checksum arrived;
  postgres::copy_out(target,
                     postgres::quoted(table.name) + " (" + postgres::columns_of(table) + ")",
                     [&](std::string_view line) { arrived.add(line); });
  if (arrived == sent) return;
  throw Error(ErrorCode::internal,
              fmt::format("table {} did not arrive as it was sent: {} rows of {}", table.name,
                          arrived.rows(), sent.rows()));
}

// The server numbers on where the source was.
void continue_numbers(postgres::Connection& target, const Table& table) {
  if (table.identity.empty()) return;
  if (table.name == "jobs") {
    // What is finished keeps its number elsewhere, and none may come back.
    target.run_script(
        "SELECT setval(pg_get_serial_sequence('jobs', 'job_id'), max(job_id)) FROM"
        " (SELECT job_id FROM jobs UNION ALL SELECT job_id FROM job_history) AS every"
        " HAVING max(job_id) > 0");
    return;
  }
  target.run_script(fmt::format(
      "SELECT setval(pg_get_serial_sequence('{0}', '{1}'), max({2})) FROM {0} HAVING max({2}) > 0",
      postgres::quoted(table.name), table.identity, postgres::quoted(table.identity)));
}

// A server that runs on the target, empty as it was, may have kept that in memory.
void announce_everything(postgres::Connection& target, const Clock& clock) {
  target.execute("INSERT INTO changes (app_id, kind, key, at_ms) VALUES ('', '', '', $1)",
                 {unix_ms(clock.now())});
}

}  // namespace

std::vector<CopiedTable> copy(const Options& from, const Options& to,
                              const std::function<void(const CopyProgress&)>& progress) {
  if (!is_postgres(to.location)) throw Error(ErrorCode::invalid, "copies go to postgres://...");
  sqlite::Connection source(require_source(from), sqlite::Access::read, from.limits.busy_timeout);
  source.run_script("BEGIN");  // one snapshot, from the first statement on
  postgres::Connection target(postgres::direct_url(to), to.limits);
  target.set_unlimited();
  target.run_command("BEGIN READ WRITE");
  postgres::migrate_within(target, to);
  const std::vector<Table> tables = postgres::tables_in_order(target);
  require_same_columns(source, tables);
  for (const Table& table : tables) take_empty(target, table);
  std::vector<CopiedTable> copied;
  for (const Table& table : tables) {
    const Checksum sent = send_rows(source, target, table, progress);
    require_arrived(target, table, sent);
    continue_numbers(target, table);
    copied.push_back({table.name, sent.rows(), sent.value()});
  }
  announce_everything(target, to.clock);
  target.run_command("COMMIT");
  target.run_script("ANALYZE");
  return copied;
}

}  // namespace callboard::db
