#include "db/postgres/result.hpp"

#include <fmt/format.h>

#include <charconv>

#include "db/postgres/error.hpp"

namespace callboard::db::postgres {
namespace {

// Object ids of types, fixed in PostgreSQL's pg_type.dat.
constexpr Oid int8_type = 20, int2_type = 21, int4_type = 23;
constexpr Oid float4_type = 700, float8_type = 701;
constexpr Oid name_type = 19, text_type = 25, varchar_type = 1043;

template <class Number>
Number parsed(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

ResultRow::Kind ResultRow::kind_of(Oid type) {
  switch (type) {
    case int8_type:
    case int2_type:
    case int4_type:
      return Kind::integer;
    case float4_type:
    case float8_type:
      return Kind::real;
    case name_type:
    case text_type:
    case varchar_type:
      return Kind::text;
    default:
      return Kind::other;
  }
}

std::string_view ResultRow::value(int column, Kind kind) const {
  const Oid type = PQftype(result_, column);
  if (is_null(column) || kind_of(type) != kind) {
    throw misuse(
        fmt::format("column {} of type {} is null or of another kind than asked for", column, type),
        PQfname(result_, column) != nullptr ? PQfname(result_, column) : "");
  }
  return {PQgetvalue(result_, row_, column),
          static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t ResultRow::integer(int column) const {
  return parsed<std::int64_t>(value(column, Kind::integer));
}

double ResultRow::real(int column) const {
  return parsed<double>(value(column, Kind::real));
}

std::string_view ResultRow::text(int column) const {
  return value(column, Kind::text);
}

std::int64_t changed_rows(PGresult* result) {
  if (std::string_view(PQcmdStatus(result)).starts_with("SELECT")) return 0;
  return parsed<std::int64_t>(PQcmdTuples(result));
}

}  // namespace callboard::db::postgres
