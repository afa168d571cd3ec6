#pragma once

// One leaf of a condition, checked: a variable, an operator and a target read under its type. It is
// immutable once parsed, and shared by everything that refers to it, on any thread.

#include <boost/json/value.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conditions/instant.hpp"
#include "conditions/reading.hpp"
#include "conditions/version.hpp"

namespace re2 {
class RE2;
}

namespace callboard::conditions {

enum class TargetType : std::uint8_t {
  none,
  string,
  number,
  boolean,
  version,
  datetime,
  percent,
};

// The first six, the comparisons, are also numbers into a table.
enum class Operator : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  in,
  not_in,
  contains,
  not_contains,
  starts_with,
  ends_with,
  matches,
  exists,
  not_exists,
  rollout,
};

// Lists are sorted and free of repetition; what is not a list is a list of one.
using Strings = std::vector<std::string>;  // folded if the predicate ignores case
using Numbers = std::vector<double>;
struct Versions {
  std::vector<std::string> texts;
  std::vector<Version> versions;  // refer to `texts`
};
struct Rollout {
  std::uint32_t hundredths;          // of a percent
  std::optional<std::string> group;  // nothing: the condition's own
};
using Pattern = std::shared_ptr<const re2::RE2>;
using Target =
    std::variant<std::monostate, Strings, Numbers, bool, Versions, Instant, Pattern, Rollout>;

struct Predicate {
  Predicate() = default;
  Predicate(const Predicate&) = delete;  // a copy of `Versions` would refer to the original
  Predicate& operator=(const Predicate&) = delete;

  std::string variable;
  std::string_view logic;  // as written ("before"), in static storage
  Operator op = Operator::exists;
  TargetType type = TargetType::none;
  bool ignore_case = false;
  Target target;
  boost::json::value written_target;  // null: it has none
};

enum class Outcome : std::uint8_t { fails, holds, missing, malformed };

// `rollout_group` stands in for a group that the predicate does not name.
Outcome test(const Predicate& predicate, Reading& reading, std::string_view rollout_group);

// Operators that are true of a missing variable.
constexpr bool is_negative(Operator op) {
  return op == Operator::not_equal || op == Operator::not_in || op == Operator::not_contains ||
         op == Operator::not_exists;
}

constexpr bool is_true(Outcome outcome, Operator op) {
  return outcome == Outcome::holds || (outcome == Outcome::missing && is_negative(op));
}

// The text that a rollout hashes for this value; nothing for what cannot be a key.
std::optional<std::string> rollout_key(const Value& value);

std::string_view name_of(TargetType type);

// Equal only for predicates that hold of the same values.
std::string identity_of(const Predicate& predicate, std::string_view rollout_group);

// The leaf as it would be written, with the rollout's group in any case.
boost::json::object predicate_to_json(const Predicate& predicate, std::string_view rollout_group);

}  // namespace callboard::conditions
