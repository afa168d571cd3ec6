#pragma once

// A quiz as a value: the types of result that it can come to, how often it came to each, and the
// rules for both. Pure: any thread.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace callboard::quizzes {

inline constexpr std::size_t max_quizzes_per_app = 100;
inline constexpr std::size_t max_types_per_quiz = 1'000;
inline constexpr std::size_t max_type_characters = 255;
inline constexpr std::size_t max_title_characters = 255;
inline constexpr std::int64_t max_count = 1'000'000;  // of one call
// So that a share can be reckoned with whole numbers.
inline constexpr std::int64_t max_tally = 900'000'000'000'000;

inline constexpr std::string_view quiz_key_rule = "must be 1 to 64 of a-z, 0-9, _ and -";
inline constexpr std::string_view type_rule =
    "must be 1 to 255 characters, none of them a control character";

bool is_quiz_key(std::string_view text);
bool is_type(std::string_view text);
bool is_title(std::string_view text);  // may be empty

struct ResultType {
  std::string type;
  std::string title = {};
  std::int64_t tally = 0;
};

struct Quiz {
  std::string key;
  std::string title;
  bool one_result_per_user = false;
  std::vector<ResultType> types;  // in the order in which they were defined
  Timestamp created_at;
  Timestamp updated_at;

  std::int64_t total() const;
  // Null: it has none of that name.
  const ResultType* find(std::string_view type) const;
};

// Each one's share in hundredths of a percent, by the method of the largest remainder, so that they
// add up to 100 %; of equal remainders the first counts as larger. All 0 where the total is. The
// tallies are 0 to max_tally each.
std::vector<std::int64_t> shares(std::span<const ResultType> types);
// "33.34"
std::string percent_text(std::int64_t share);

}  // namespace callboard::quizzes
