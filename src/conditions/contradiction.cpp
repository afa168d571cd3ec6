#include "conditions/contradiction.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "conditions/axis.hpp"

namespace callboard::conditions {
namespace {

struct Literal {
  const Predicate* predicate;
  bool negated;
};
using Literals = std::vector<Literal>;

bool holds_when_missing(const Literal& literal) {
  return is_negative(literal.predicate->op) != literal.negated;
}

bool is_list_operator(Operator op) {
  return op == Operator::in || op == Operator::not_in;
}

// Whether a value that is there, but is not an array, can satisfy all of them.
bool scalar_satisfies(const Axis& axis, const Literals& literals) {
  std::vector<int> satisfied(axis.state_count());
  for (const auto& [predicate, negated] : literals) {
    const StateSet truth = axis.truth_of(*predicate);
    for (const auto& [begin, end] : negated ? complement(truth, axis.state_count()) : truth) {
      for (State state = begin; state < end; ++state) ++satisfied[state];
    }
  }
  const auto all = static_cast<int>(literals.size());
  return std::find(satisfied.begin() + Axis::malformed, satisfied.end(), all) != satisfied.end();
}

// An array may hold one element for each list that wants one, as long as no other list forbids it.
bool array_satisfies(const Axis& axis, const Literals& literals) {
  Literals wanting;
  Literals forbidding;
  for (const Literal& literal : literals) {
    if (!is_list_operator(literal.predicate->op)) return false;
    const bool wants = (literal.predicate->op == Operator::in) != literal.negated;
    (wants ? wanting : forbidding).push_back(literal);
  }
  return std::ranges::all_of(wanting, [&](const Literal& wanted) {
    Literals one = forbidding;
    one.push_back(wanted);
    return scalar_satisfies(axis, one);
  });
}

bool axis_satisfies(AxisKind kind, const Literals& literals) {
  std::vector<const Predicate*> predicates;
  for (const Literal& literal : literals) predicates.push_back(literal.predicate);
  const Axis axis(kind, predicates);
  return scalar_satisfies(axis, literals) || array_satisfies(axis, literals);
}

// Of the predicates that have no axis, only the plainest cases are known.
bool can_hold(const Literal& literal) {
  if (literal.negated) return true;
  if (const auto* rollout = std::get_if<Rollout>(&literal.predicate->target))
    return rollout->hundredths > 0;
  const auto* strings = std::get_if<Strings>(&literal.predicate->target);
  return strings == nullptr || !strings->empty();
}

bool has_opposites(const Literals& literals) {
  std::map<std::string, bool> seen;
  return std::ranges::any_of(literals, [&](const Literal& literal) {
    const auto [known, is_new] = seen.emplace(identity_of(*literal.predicate, ""), literal.negated);
    return !is_new && known->second != literal.negated;
  });
}

bool are_of_one_text(const Predicate& left, const Predicate& right) {
  const auto* texts = std::get_if<Strings>(&left.target);
  const auto* others = std::get_if<Strings>(&right.target);
  return texts != nullptr && others != nullptr && *texts == *others &&
         left.ignore_case == right.ignore_case;
}

// What contains a text can't be what does not. (What is neither, the malformed, fails both.)
bool has_and_lacks_a_text(const Literals& literals) {
  const auto is_plain = [](const Literal& literal, Operator op) {
    return literal.predicate->op == op && !literal.negated;
  };
  return std::ranges::any_of(literals, [&](const Literal& has) {
    if (!is_plain(has, Operator::contains)) return false;
    return std::ranges::any_of(literals, [&](const Literal& lacks) {
      return is_plain(lacks, Operator::not_contains) &&
             are_of_one_text(*has.predicate, *lacks.predicate);
    });
  });
}

bool present_value_satisfies(const Literals& literals) {
  std::map<AxisKind, Literals> by_kind;
  for (const Literal& literal : literals)
    by_kind[axis_kind_of(*literal.predicate)].push_back(literal);
  return std::ranges::all_of(by_kind, [](const auto& entry) {
    const auto& [kind, of_kind] = entry;
    if (kind == AxisKind::none)
      return std::ranges::all_of(of_kind, can_hold) && !has_opposites(of_kind) &&
             !has_and_lacks_a_text(of_kind);
    return axis_satisfies(kind, of_kind);
  });
}

}  // namespace

bool is_contradiction(const std::vector<Conjunct>& parts) {
  std::map<std::string, Literals> by_variable;
  for (const auto& [node, negated] : parts) {
    if (node->logic == Logic::leaf)
      by_variable[node->predicate->variable].push_back({node->predicate.get(), negated});
  }
  return std::ranges::any_of(by_variable, [](const auto& entry) {
    const Literals& literals = entry.second;
    return !std::ranges::all_of(literals, holds_when_missing) && !present_value_satisfies(literals);
  });
}

}  // namespace callboard::conditions
