#include "conditions/program.hpp"

#include <algorithm>
#include <ranges>

namespace callboard::conditions {
namespace {

void collect_conjuncts(const Node& node, bool negated, std::vector<Conjunct>& conjuncts) {
  if (node.logic == Logic::negation)
    return collect_conjuncts(node.children.front(), !negated, conjuncts);
  if (node.logic != (negated ? Logic::any : Logic::all))
    return conjuncts.push_back({&node, negated});
  for (const Node& child : node.children) collect_conjuncts(child, negated, conjuncts);
}

// Rough relative costs of one test.
std::size_t cost_of(const Predicate& predicate) {
  constexpr std::size_t plain = 1, hash = 4, search = 4, version = 6, pattern = 64;
  if (predicate.op == Operator::matches) return pattern;
  if (predicate.op == Operator::rollout) return hash;
  if (predicate.type == TargetType::version) return version;
  const auto* strings = std::get_if<Strings>(&predicate.target);
  return strings != nullptr ? search + strings->size() / 8 : plain;
}

std::size_t cost_of(const Node& node) {
  std::size_t cost = node.logic == Logic::leaf ? cost_of(*node.predicate) : 0;
  for (const Node& child : node.children) cost += cost_of(child);
  return cost;
}

std::vector<Conjunct> cheapest_first(std::vector<Conjunct> parts) {
  std::ranges::stable_sort(parts, {}, [](const Conjunct& part) { return cost_of(*part.node); });
  return parts;
}

}  // namespace

std::vector<Conjunct> conjuncts_of(const Node& root, bool negated) {
  std::vector<Conjunct> conjuncts;
  collect_conjuncts(root, negated, conjuncts);
  return conjuncts;
}

// A step knows where it leads to, so the last one is written first.
Place ProgramWriter::write_all(std::vector<Conjunct> conjuncts, Place next) {
  conjuncts = cheapest_first(std::move(conjuncts));
  for (const auto& [node, negated] : std::views::reverse(conjuncts))
    next = negated ? write(*node, reject, next) : write(*node, next, reject);
  return next;
}

Place ProgramWriter::write(const Node& node, Place on_true, Place on_false) {
  if (node.logic == Logic::leaf) {
    steps_.push_back({number_of_(node.predicate), on_true, on_false});
    return static_cast<Place>(steps_.size() - 1);
  }
  if (node.logic == Logic::negation) return write(node.children.front(), on_false, on_true);
  std::vector<Conjunct> parts;
  for (const Node& child : node.children) parts.push_back({&child, false});
  const bool all = node.logic == Logic::all;
  Place next = all ? on_true : on_false;
  parts = cheapest_first(std::move(parts));
  for (const auto& part : std::views::reverse(parts))
    next = all ? write(*part.node, next, on_false) : write(*part.node, on_true, next);
  return next;
}

}  // namespace callboard::conditions
