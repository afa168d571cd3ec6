#include "conditions/evaluate.hpp"

#include <algorithm>

namespace callboard::conditions {
namespace {

struct Evaluation {
  const VariableLookup& lookup;
  std::string_view rollout_group;

  bool operator()(const Node& node) const {
    switch (node.logic) {
      case Logic::all:
        return std::ranges::all_of(node.children, *this);
      case Logic::any:
        return std::ranges::any_of(node.children, *this);
      case Logic::negation:
        return !(*this)(node.children.front());
      case Logic::leaf:
        break;
    }
    Reading reading(lookup(node.predicate->variable));
    return is_true(test(*node.predicate, reading, rollout_group), node.predicate->op);
  }
};

}  // namespace

bool evaluate(const Condition& condition, const VariableLookup& lookup) {
  return Evaluation{lookup, condition.rollout_group()}(condition.root());
}

}  // namespace callboard::conditions
