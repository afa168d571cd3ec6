#pragma once

// A condition as a branching program over numbered predicates: each step tests one and says where
// to go next, so that `&&`, `||` and `!` cost nothing and stop as early as they can. Cheap tests
// come first.

#include <cstdint>
#include <functional>
#include <vector>

#include "conditions/condition.hpp"

namespace callboard::conditions {

// The index of a step, or one of the two ends.
using Place = std::uint32_t;
inline constexpr Place accept = UINT32_MAX;
inline constexpr Place reject = UINT32_MAX - 1;

struct Step {
  std::uint32_t predicate;
  Place on_true;
  Place on_false;
};

// A sub-tree, or its opposite.
struct Conjunct {
  const Node* node;
  bool negated;
};

// The parts that all have to hold for the whole, or its opposite, to hold. They refer to `root`.
std::vector<Conjunct> conjuncts_of(const Node& root, bool negated = false);

class ProgramWriter {
 public:
  // Gives every predicate its number.
  using Numbering = std::function<std::uint32_t(const std::shared_ptr<const Predicate>&)>;

  explicit ProgramWriter(Numbering number_of) : number_of_(std::move(number_of)) {}

  // Writes the test that all of `conjuncts` hold, and then goes to `next`. Returns where it starts.
  Place write_all(std::vector<Conjunct> conjuncts, Place next);

  std::vector<Step>& steps() { return steps_; }

 private:
  Place write(const Node& node, Place on_true, Place on_false);

  Numbering number_of_;
  std::vector<Step> steps_;
};

}  // namespace callboard::conditions
