#pragma once

// One prepared statement and the row it stands on. Owned by its connection's cache or by one call;
// used by one thread at a time. SQLite numbers named parameters by first appearance, so `$2` may
// come first: values are bound by the number in the name.

#include <sqlite3.h>

#include <memory>
#include <string_view>
#include <vector>

#include "db/database.hpp"

namespace callboard::db::sqlite {

class Statement {
 public:
  // Throws Error{internal} for text that is not exactly one statement with parameters `$N`.
  Statement(sqlite3* handle, std::string_view sql);

  // Text is not copied: it must live until reset().
  void bind(Values values);
  // True: there is a row. Throws.
  bool step();
  void reset();
  bool changes_nothing() const { return sqlite3_stmt_readonly(statement_.get()) != 0; }
  sqlite3_stmt* handle() const { return statement_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void read_parameters();
  void bind_one(int parameter, const Value& value);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  std::vector<std::size_t> value_of_parameter_;  // [i]: which value, from 0, SQLite's i+1 takes
  std::size_t value_count_ = 0;
};

class StatementRow final : public Row {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;

 private:
  void require(int column, int kind) const;

  sqlite3_stmt* statement_;
};

}  // namespace callboard::db::sqlite
