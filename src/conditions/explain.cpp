#include "conditions/explain.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "conditions/rollout.hpp"

namespace callboard::conditions {
namespace {

namespace json = boost::json;

std::string malformed_because(const Predicate& predicate, const Value& value) {
  if (value.kind() == Value::Kind::array) return "malformed: an array";
  if (predicate.type == TargetType::percent) return "malformed: not a key";
  return "malformed: not a " + std::string(name_of(predicate.type));
}

std::string why(const Predicate& predicate, const Value& value, Outcome outcome) {
  switch (outcome) {
    case Outcome::missing:
      return "missing";
    case Outcome::malformed:
      return malformed_because(predicate, value);
    case Outcome::holds:
      return "holds";
    case Outcome::fails:
      break;
  }
  return "does not hold";
}

class Explanation {
 public:
  Explanation(const VariableLookup& lookup, const ProviderLookup& provider_of,
              std::string_view rollout_group)
      : lookup_(lookup), provider_of_(provider_of), rollout_group_(rollout_group) {}

  json::object of(const Node& node) const {
    return node.logic == Logic::leaf ? of_leaf(*node.predicate) : of_group(node);
  }

 private:
  json::object of_group(const Node& node) const {
    json::array children;
    for (const Node& child : node.children) children.push_back(of(child));
    const auto holds = [](const json::value& child) { return child.at("result").as_bool(); };
    const bool any = std::ranges::any_of(children, holds);
    const bool result = node.logic == Logic::all   ? std::ranges::all_of(children, holds)
                        : node.logic == Logic::any ? any
                                                   : !any;
    return {
        {"logic", name_of(node.logic)}, {"result", result}, {"conditions", std::move(children)}};
  }

  json::object of_leaf(const Predicate& predicate) const {
    Reading reading(lookup_(predicate.variable));
    const Outcome outcome = test(predicate, reading, rollout_group_);
    json::object leaf = predicate_to_json(predicate, rollout_group_);
    leaf["value"] = value_to_json(reading.value());
    leaf["provider"] = provider(predicate.variable);
    leaf["result"] = is_true(outcome, predicate.op);
    leaf["why"] = why(predicate, reading.value(), outcome);
    return leaf;
  }

  json::value provider(std::string_view variable) const {
    const std::string_view name = provider_of_ ? provider_of_(variable) : std::string_view();
    return name.empty() ? json::value() : json::value(name);
  }

  const VariableLookup& lookup_;
  const ProviderLookup& provider_of_;
  std::string_view rollout_group_;
};

}  // namespace

json::object explain(const Condition& condition, const VariableLookup& lookup,
                     const ProviderLookup& provider_of) {
  return Explanation(lookup, provider_of, condition.rollout_group()).of(condition.root());
}

}  // namespace callboard::conditions
