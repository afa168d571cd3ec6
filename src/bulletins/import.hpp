#pragma once

// Bulletins as JSON lines (application/x-ndjson): a line without `bulletin_id` creates a bulletin,
// one with it replaces that bulletin. All lines or none.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "bulletins/board_change.hpp"
#include "bulletins/bulletin.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t max_import_lines = 10'000;
inline constexpr std::size_t max_import_errors = 100;  // that are reported

struct ImportLine {
  std::size_t number;  // from 1; empty lines count
  std::variant<Draft, Update> content;
};

// Throws Error{invalid} with line and pointer of every culprit, or of the first so many.
std::vector<ImportLine> import_from_text(std::string_view text, const IsDeclared& is_declared);

struct Imported {
  std::size_t created = 0;
  std::size_t replaced = 0;
  std::vector<std::int64_t> ids;  // by line
};
// Throws Error{invalid}, or Error{conflict} where only revisions are not the current ones, with the
// lines; Error{unprocessable} when the board is full.
Imported import_lines(const std::vector<ImportLine>& lines, BoardChange& board);

}  // namespace callboard::bulletins
