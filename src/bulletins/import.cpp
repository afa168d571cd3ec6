#include "bulletins/import.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::bulletins {
namespace {

// What is wrong with the lines of one import.
class LineErrors {
 public:
  void add(std::size_t line, const Error& error) {
    ++lines_;
    all_are_conflicts_ = all_are_conflicts_ && error.code() == ErrorCode::conflict;
    if (error.details().empty()) return add(line, {"", error.message()});
    for (const ErrorDetail& detail : error.details()) add(line, detail);
  }
  void throw_if_any() {
    if (lines_ == 0) return;
    const auto code = all_are_conflicts_ ? ErrorCode::conflict : ErrorCode::invalid;
    const std::string wrong = lines_ == 1 ? "1 line is" : std::to_string(lines_) + " lines are";
    throw Error(code, "nothing was imported: " + wrong + " wrong").with_details(details_);
  }

 private:
  void add(std::size_t line, ErrorDetail detail) {
    if (details_.size() >= max_import_errors) return;
    detail.line = line;
    details_.push_back(std::move(detail));
  }

  std::size_t lines_ = 0;
  bool all_are_conflicts_ = true;
  std::vector<ErrorDetail> details_;
};

std::variant<Draft, Update> read_line(std::string_view text, const IsDeclared& is_declared) {
  const boost::json::value value = parse_json(text);
  const auto* members = value.if_object();
  if (members != nullptr && members->contains("bulletin_id")) {
    return update_from_json(value, std::nullopt, is_declared);
  }
  return draft_from_json(value, is_declared);
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Every line that holds something, with its number.
template <class Each>
void for_each_line(std::string_view text, Each each) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!is_blank(line)) each(number, line);
  }
}

void refuse_too_many_lines(std::string_view text) {
  std::size_t lines = 0;
  for_each_line(text, [&](std::size_t, std::string_view) { ++lines; });
  if (lines == 0) throw Error(ErrorCode::invalid, "there is no line to import");
  if (lines > max_import_lines) {
    throw Error(ErrorCode::too_large,
                "an import has at most 10000 lines; this has " + std::to_string(lines));
  }
}

std::int64_t apply_line(const ImportLine& line, BoardChange& board, Imported& imported) {
  if (const auto* update = std::get_if<Update>(&line.content)) {
    ++imported.replaced;
    return board.update(*update).id;
  }
  ++imported.created;
  return board.create(std::get<Draft>(line.content)).id;
}

}  // namespace

std::vector<ImportLine> import_from_text(std::string_view text, const IsDeclared& is_declared) {
  refuse_too_many_lines(text);
  std::vector<ImportLine> lines;
  std::set<std::int64_t> replaced;
  LineErrors errors;
  for_each_line(text, [&](std::size_t number, std::string_view line) {
    try {
      auto content = read_line(line, is_declared);
      const auto* update = std::get_if<Update>(&content);
      if (update != nullptr && !replaced.insert(update->id).second) {
        throw invalid_at("/bulletin_id", "stands in an earlier line too");
      }
      lines.push_back({number, std::move(content)});
    } catch (const Error& error) {
      errors.add(number, error);
    }
  });
  errors.throw_if_any();
  return lines;
}

Imported import_lines(const std::vector<ImportLine>& lines, BoardChange& board) {
  Imported imported;
  LineErrors errors;
  for (const ImportLine& line : lines) {
    try {
      imported.ids.push_back(apply_line(line, board, imported));
    } catch (const Error& error) {
      if (error.code() == ErrorCode::not_found)
        errors.add(line.number, invalid_at("/bulletin_id", error.message()));
      else if (error.code() == ErrorCode::conflict && !error.details().empty())
        errors.add(line.number, error);
      else
        throw;
    }
  }
  errors.throw_if_any();
  return imported;
}

}  // namespace callboard::bulletins
