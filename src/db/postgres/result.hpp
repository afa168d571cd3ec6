#pragma once

// What a statement answered, and one row of it. A row stays valid while other
// statements run on the same connection. Plain values; one thread at a time.

#include <libpq-fe.h>

#include <memory>

#include "db/database.hpp"

namespace callboard::db::postgres {

struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

// Whole numbers are int2, int4 and int8; reals float4 and float8; text is text, varchar and name.
class ResultRow final : public Row {
 public:
  ResultRow(const PGresult* result, int row) : result_(result), row_(row) {}
  bool is_null(int column) const override { return PQgetisnull(result_, row_, column) != 0; }
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::string_view text(int column) const override;

 private:
  enum class Kind { integer, real, text, other };
  static Kind kind_of(Oid type);
  std::string_view value(int column, Kind kind) const;

  const PGresult* result_;
  int row_;
};

// How many rows an INSERT, UPDATE or DELETE changed; 0 for anything else.
std::int64_t changed_rows(PGresult* result);

}  // namespace callboard::db::postgres
