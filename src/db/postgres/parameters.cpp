#include "db/postgres/parameters.hpp"

#include <fmt/format.h>

#include "db/postgres/error.hpp"

namespace callboard::db::postgres {
namespace {

// Without it `$1 > 0` would make a 32-bit number of $1. (pg_type.dat)
constexpr Oid inferred = 0, int8_type = 20, float8_type = 701;

struct AsText {
  std::string operator()(std::nullptr_t) const { return {}; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  // The shortest text that reads back as the same number.
  std::string operator()(double number) const { return fmt::format("{}", number); }
  std::string operator()(std::string_view text) const { return std::string(text); }
};

}  // namespace

Parameters::Parameters(Values values, std::string_view sql) {
  texts_.reserve(values.size());
  pointers_.reserve(values.size());
  for (const Value& value : values) {
    const std::string& text = texts_.emplace_back(std::visit(AsText{}, value));
    if (text.find('\0') != std::string::npos) throw misuse("text with a NUL", sql);
    pointers_.push_back(std::holds_alternative<std::nullptr_t>(value) ? nullptr : text.c_str());
  }
}

std::vector<Oid> types_of(Values values) {
  std::vector<Oid> types;
  types.reserve(values.size());
  for (const Value& value : values) {
    types.push_back(std::holds_alternative<std::int64_t>(value) ? int8_type
                    : std::holds_alternative<double>(value)     ? float8_type
                                                                : inferred);
  }
  return types;
}

std::string statement_key(std::string_view sql, Values values) {
  std::string key;
  key.reserve(values.size() + 1 + sql.size());
  for (const Value& value : values) {
    // NULL may have been inferred to be anything, but not by text and numbers alike.
    key += static_cast<char>('0' + value.index());
  }
  return (key += ' ').append(sql);
}

}  // namespace callboard::db::postgres
