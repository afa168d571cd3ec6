#pragma once

// All that can happen to the ordinary predicates of one variable under one type, as a small set of
// numbered states: missing, malformed, and one for each place that a value can take among the
// predicates' constants (for ages 10 and 18: below 10, at 10, between, at 18, above 18). A
// predicate is then a set of states in which it holds.
//
// Immutable once built; refers to the predicates it was built from.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "conditions/predicate.hpp"

namespace callboard::conditions {

using State = std::uint32_t;

struct StateRange {
  State begin;
  State end;
};
// Ascending and disjoint.
using StateSet = std::vector<StateRange>;

// What is in none of `set`, out of `count` states.
StateSet complement(const StateSet& set, State count);

enum class AxisKind : std::uint8_t {
  none,  // holds of values in a way that constants cannot tell: substrings, patterns, rollouts
  presence,
  boolean,
  number,
  version,
  instant,
  text,
  folded_text,
};

AxisKind axis_kind_of(const Predicate& predicate);

class Axis {
 public:
  static constexpr State missing = 0;
  static constexpr State malformed = 1;
  // An array, which is in several places at once: the predicates have to be tested themselves.
  static constexpr State several = UINT32_MAX;

  // Every predicate is of this kind and about the same variable.
  Axis(AxisKind kind, std::span<const Predicate* const> predicates);

  State state_count() const { return state_count_; }
  State state_of(Reading& reading) const;

  // Of one of the predicates that the axis was built from.
  StateSet truth_of(const Predicate& predicate) const;

 private:
  static constexpr State elsewhere = 2;  // the first state of a value that reads well

  template <typename T>
  static State place_of(const T& value, const std::vector<T>& points);
  State place_of_text(std::string_view text) const;
  std::vector<State> places_of(const Predicate& predicate) const;
  void add_points(const Predicate& predicate);
  void close_points();

  AxisKind kind_;
  bool has_list_operators_ = false;
  State state_count_ = 0;
  std::vector<double> numbers_;  // at most one of these four is in use
  std::vector<Version> versions_;
  std::vector<Instant> instants_;
  boost::unordered_flat_map<std::string_view, State, std::hash<std::string_view>> texts_;
};

}  // namespace callboard::conditions
