#include "db/sqlite/statement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "base/error.hpp"
#include "db/sqlite/error.hpp"

namespace callboard::db::sqlite {
namespace {

Error misuse(std::string_view what, std::string_view sql) {
  return Error(ErrorCode::internal, "the database failed")
      .with_private(fmt::format("{}: {}", what, sql));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n;") == std::string_view::npos;
}

std::string_view kind_name(int kind) {
  switch (kind) {
    case SQLITE_INTEGER:
      return "an integer";
    case SQLITE_FLOAT:
      return "a real";
    case SQLITE_TEXT:
      return "text";
    case SQLITE_NULL:
      return "null";
    default:
      return "a blob";
  }
}

}  // namespace

Statement::Statement(sqlite3* handle, std::string_view sql) {
  sqlite3_stmt* prepared = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(handle, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
  statement_.reset(prepared);
  if (code != SQLITE_OK) throw error_of(handle, code, sql);
  if (prepared == nullptr) throw misuse("no statement", sql);
  if (!is_blank({tail, static_cast<std::size_t>(sql.data() + sql.size() - tail)})) {
    throw misuse("more than one statement", sql);
  }
  read_parameters();
}

void Statement::read_parameters() {
  const int count = sqlite3_bind_parameter_count(statement_.get());
  for (int i = 1; i <= count; ++i) {
    const char* name = sqlite3_bind_parameter_name(statement_.get(), i);
    const std::string_view text = name != nullptr ? name : "";
    std::size_t number = 0;
    if (text.starts_with('$')) std::from_chars(text.data() + 1, text.data() + text.size(), number);
    if (number == 0) throw misuse("a parameter that is not $N", sqlite3_sql(statement_.get()));
    value_of_parameter_.push_back(number - 1);
    value_count_ = std::max(value_count_, number);
  }
}

void Statement::bind(Values values) {
  if (values.size() != value_count_) {
    throw misuse(fmt::format("{} values for {} parameters", values.size(), value_count_),
                 sqlite3_sql(statement_.get()));
  }
  for (std::size_t i = 0; i < value_of_parameter_.size(); ++i) {
    bind_one(static_cast<int>(i + 1), values.begin()[value_of_parameter_[i]]);
  }
}

void Statement::bind_one(int parameter, const Value& value) {
  sqlite3_stmt* const to = statement_.get();
  int code = SQLITE_OK;
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    // A null pointer would bind NULL; an empty view may have one.
    const char* const data = text->data() != nullptr ? text->data() : "";
    code = sqlite3_bind_text64(to, parameter, data, text->size(), SQLITE_STATIC, SQLITE_UTF8);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    code = sqlite3_bind_int64(to, parameter, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    code = sqlite3_bind_double(to, parameter, *real);
  } else {
    code = sqlite3_bind_null(to, parameter);
  }
  if (code != SQLITE_OK) throw error_of(sqlite3_db_handle(to), code, sqlite3_sql(to));
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw error_of(sqlite3_db_handle(statement_.get()), code, sqlite3_sql(statement_.get()));
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

void StatementRow::require(int column, int kind) const {
  const int actual = sqlite3_column_type(statement_, column);
  if (actual == kind) return;
  throw misuse(fmt::format("column {} is {}, not {}", column, kind_name(actual), kind_name(kind)),
               sqlite3_sql(statement_));
}

bool StatementRow::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t StatementRow::integer(int column) const {
  require(column, SQLITE_INTEGER);
  return sqlite3_column_int64(statement_, column);
}

double StatementRow::real(int column) const {
  require(column, SQLITE_FLOAT);
  return sqlite3_column_double(statement_, column);
}

std::string_view StatementRow::text(int column) const {
  require(column, SQLITE_TEXT);
  const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace callboard::db::sqlite
