#include "quizzes/quiz.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "audience/audience.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"

namespace callboard::quizzes {
namespace {

constexpr std::int64_t whole = 10'000;  // in hundredths of a percent

// Those of U+0000 to U+001F, U+007F, and U+0080 to U+009F, which UTF-8 begins with C2.
bool has_control_character(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

bool is_line(std::string_view text, std::size_t max_characters) {
  return text.size() <= 4 * max_characters && is_valid_utf8(text) && !has_control_character(text) &&
         count_characters(text) <= max_characters;
}

std::int64_t sum(std::span<const ResultType> types) {
  return std::accumulate(
      types.begin(), types.end(), std::int64_t{0},
      [](std::int64_t total, const ResultType& type) { return total + type.tally; });
}

}  // namespace

bool is_quiz_key(std::string_view text) {
  return audience::is_id(text);
}
bool is_type(std::string_view text) {
  return !text.empty() && is_line(text, max_type_characters);
}
bool is_title(std::string_view text) {
  return is_line(text, max_title_characters);
}

std::int64_t Quiz::total() const {
  return sum(types);
}

const ResultType* Quiz::find(std::string_view type) const {
  const auto found = std::ranges::find(types, type, &ResultType::type);
  return found == types.end() ? nullptr : &*found;
}

std::vector<std::int64_t> shares(std::span<const ResultType> types) {
  const std::int64_t total = sum(types);
  std::vector<std::int64_t> result(types.size());
  if (total == 0) return result;
  std::vector<std::size_t> order(types.size());
  std::iota(order.begin(), order.end(), 0);
  std::int64_t left = whole;
  for (std::size_t i = 0; i < types.size(); ++i) {
    result[i] = types[i].tally * whole / total;
    left -= result[i];
  }
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](std::size_t i) { return types[i].tally * whole % total; });
  for (std::size_t i = 0; left > 0; ++i, --left) ++result[order[i]];
  return result;
}

std::string percent_text(std::int64_t share) {
  return fmt::format("{}.{:02}", share / 100, share % 100);
}

}  // namespace callboard::quizzes
