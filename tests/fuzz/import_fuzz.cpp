// An import's lines: whatever they hold, they are read or refused with places that exist; and what
// was read, shown again as an export would, reads as the same.

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.hpp"
#include "base/json.hpp"
#include "bulletins/import.hpp"

namespace callboard::bulletins {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_declared(std::string_view name) {
  return !name.starts_with("un");
}

bool are_same(const Draft& left, const Draft& right) {
  return left.name == right.name && left.category == right.category && left.body == right.body &&
         left.start_unix_s == right.start_unix_s && left.end_unix_s == right.end_unix_s &&
         left.condition == right.condition;
}

void reads_the_same_again(const Draft& draft) {
  Bulletin bulletin;
  static_cast<Draft&>(bulletin) = draft;
  bulletin.id = 1;
  const std::string line = to_json_text(to_json(bulletin));
  require(line.find('\n') == line.npos);
  const auto again = import_from_text(line, is_declared);
  require(again.size() == 1 && are_same(std::get<Update>(again[0].content).draft, draft));
  require(are_same(bulletin_from_json(parse_json(line)), draft));
}

void try_import(std::string_view text) {
  const auto line_count = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  try {
    const auto lines = import_from_text(text, is_declared);
    require(!lines.empty() && lines.size() <= max_import_lines);
    for (const ImportLine& line : lines) {
      require(line.number >= 1 && line.number <= line_count);
      if (const auto* update = std::get_if<Update>(&line.content))
        reads_the_same_again(update->draft);
      else
        reads_the_same_again(std::get<Draft>(line.content));
    }
  } catch (const Error& error) {
    require(error.code() == ErrorCode::invalid || error.code() == ErrorCode::too_large);
    require(error.details().size() <= max_import_errors);
    for (const ErrorDetail& detail : error.details()) {
      require(detail.line >= 1 && detail.line <= line_count);
      require(detail.pointer.empty() || detail.pointer.starts_with('/'));
    }
  }
}

}  // namespace
}  // namespace callboard::bulletins

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  callboard::bulletins::try_import({reinterpret_cast<const char*>(data), size});
  return 0;
}
