#include "conditions/condition.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace callboard::conditions {
namespace {

namespace json = boost::json;

void collect_variables(const Node& node, std::vector<std::string>& names) {
  if (node.logic == Logic::leaf && std::ranges::count(names, node.predicate->variable) == 0)
    names.push_back(node.predicate->variable);
  for (const Node& child : node.children) collect_variables(child, names);
}

json::object node_to_json(const Node& node, std::string_view rollout_group) {
  if (node.logic == Logic::leaf) return predicate_to_json(*node.predicate, rollout_group);
  json::array children;
  for (const Node& child : node.children) children.push_back(node_to_json(child, rollout_group));
  return {{"logic", name_of(node.logic)}, {"conditions", std::move(children)}};
}

}  // namespace

Condition::Condition() : Condition(Node{}) {}

Condition::Condition(Node root) : root_(std::make_shared<const Node>(std::move(root))) {}

Condition Condition::with_rollout_group(std::string group) const {
  Condition bound = *this;
  bound.rollout_group_ = std::move(group);
  return bound;
}

std::vector<std::string> Condition::variables() const {
  std::vector<std::string> names;
  collect_variables(*root_, names);
  return names;
}

json::object condition_to_json(const Condition& condition) {
  return node_to_json(condition.root(), condition.rollout_group());
}

std::string_view name_of(Logic logic) {
  constexpr std::string_view names[] = {"", "&&", "||", "!"};
  return names[static_cast<std::size_t>(logic)];
}

}  // namespace callboard::conditions
