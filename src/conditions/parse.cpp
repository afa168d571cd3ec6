#include <algorithm>
#include <boost/json.hpp>
#include <initializer_list>

#include "conditions/condition.hpp"
#include "conditions/target.hpp"

namespace callboard::conditions {
namespace {

namespace json = boost::json;

using Names = std::initializer_list<std::string_view>;

void refuse_unknown_members(const json::object& object, const Pointer& pointer, Names known) {
  for (const auto& member : object) {
    const std::string_view name = member.key();
    if (std::ranges::find(known, name) == known.end())
      refuse(pointer.member(name), "unknown member " + quoted(name));
  }
}

const json::value& required(const json::object& object, std::string_view name,
                            const Pointer& pointer) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr) refuse(pointer.member(name), "is required");
  return *member;
}

std::string_view required_string(const json::object& object, std::string_view name,
                                 const Pointer& pointer) {
  const json::value& member = required(object, name, pointer);
  const Pointer place = pointer.member(name);
  if (!member.is_string()) refuse(place, "must be a string");
  check_length(member.get_string(), place);
  return member.get_string();
}

// Absent, null and "" are how different clients write that there is nothing to say.
bool is_blank(const json::value* member) {
  return member == nullptr || member->is_null() ||
         (member->is_string() && member->get_string().empty());
}

class Parser {
 public:
  explicit Parser(const ParseOptions& options) : options_(options) {}

  Node parse_top(const json::value& json) {
    if (json.is_null()) return {};
    if (!json.is_object()) refuse(Pointer(), "must be an object");
    const json::object& object = json.get_object();
    if (object.empty()) return {};
    if (!is_group(object)) {
      if (!options_.allow_bare_leaf)
        refuse(Pointer(), "must be a group: \"logic\" and \"conditions\"");
      return parse_leaf(object, Pointer());
    }
    return is_empty_group(object) ? Node{} : parse_group(object, Pointer(), 1);
  }

 private:
  static std::optional<Logic> find_logic(std::string_view text) {
    for (const auto logic : {Logic::all, Logic::any, Logic::negation}) {
      if (name_of(logic) == text) return logic;
    }
    return std::nullopt;
  }

  static bool is_group(const json::object& object) {
    const json::value* logic = object.if_contains("logic");
    return object.contains("conditions") ||
           (logic != nullptr && logic->is_string() && find_logic(logic->get_string()));
  }

  // The top-level group without conditions: a new bulletin's form sends it, with or without a
  // logic, and a Go client's empty list is null.
  static bool is_empty_group(const json::object& object) {
    const json::value* conditions = object.if_contains("conditions");
    const json::value* logic = object.if_contains("logic");
    if (object.size() > (logic != nullptr ? 2u : 1u) || conditions == nullptr) return false;
    if (conditions->is_null()) return is_blank(logic);
    if (!conditions->is_array() || !conditions->get_array().empty()) return false;
    return is_blank(logic) || *logic == json::value("&&") || *logic == json::value("||");
  }

  Node parse_node(const json::value& json, const Pointer& pointer, std::size_t depth) {
    if (!json.is_object()) refuse(pointer, "must be an object");
    const json::object& object = json.get_object();
    return is_group(object) ? parse_group(object, pointer, depth) : parse_leaf(object, pointer);
  }

  Node parse_group(const json::object& object, const Pointer& pointer, std::size_t depth) {
    if (depth > max_depth)
      refuse(pointer, "groups are nested deeper than " + std::to_string(max_depth));
    refuse_unknown_members(object, pointer, {"logic", "conditions"});
    Node group{parse_logic(object, pointer), {}, nullptr};
    const Pointer place = pointer.member("conditions");
    const json::value& conditions = required(object, "conditions", pointer);
    if (!conditions.is_array()) refuse(place, "must be a list");
    const json::array& children = conditions.get_array();
    if (group.logic == Logic::negation && children.size() != 1)
      refuse(place, "\"!\" takes exactly one condition");
    if (children.empty()) refuse(place, "must not be empty");
    for (std::size_t i = 0; i < children.size(); ++i)
      group.children.push_back(parse_node(children[i], place.element(i), depth + 1));
    return group;
  }

  static Logic parse_logic(const json::object& object, const Pointer& pointer) {
    const std::string_view text = required_string(object, "logic", pointer);
    const auto logic = find_logic(text);
    if (!logic) refuse(pointer.member("logic"), "unknown logic " + quoted(text) + " of a group");
    return *logic;
  }

  Node parse_leaf(const json::object& object, const Pointer& pointer) {
    if (++leaves_ > max_conditions)
      refuse(pointer, "more than " + std::to_string(max_conditions) + " conditions");
    refuse_unknown_members(object, pointer,
                           {"variable", "logic", "target", "target_type", "ignore_case", "group"});
    auto predicate = std::make_shared<Predicate>();
    predicate->variable = parse_variable(object, pointer);
    parse_operator(object, pointer, *predicate);
    predicate->ignore_case = parse_ignore_case(object, pointer, predicate->type);
    parse_target(object, pointer, *predicate);
    parse_group_name(object, pointer, *predicate);
    return {Logic::leaf, {}, std::move(predicate)};
  }

  std::string parse_variable(const json::object& object, const Pointer& pointer) const {
    const std::string_view name = required_string(object, "variable", pointer);
    if (name.empty()) refuse(pointer.member("variable"), "must not be empty");
    if (options_.is_declared && !options_.is_declared(name))
      refuse(pointer.member("variable"), "unknown variable " + quoted(name));
    return std::string(name);
  }

  static void parse_operator(const json::object& object, const Pointer& pointer,
                             Predicate& predicate) {
    const std::string_view logic = required_string(object, "logic", pointer);
    const OperatorName* found = find_operator(logic);
    if (found == nullptr) refuse(pointer.member("logic"), "unknown operator " + quoted(logic));
    predicate.logic = found->text;
    predicate.op = found->op;
    if (goes_with(*found, TargetType::none)) {
      if (!is_blank(object.if_contains("target_type"))) parse_type(object, pointer);
      return;
    }
    predicate.type = parse_type(object, pointer);
    if (!goes_with(*found, predicate.type))
      refuse(pointer.member("logic"), "operator " + quoted(logic) + " is not for the type " +
                                          quoted(name_of(predicate.type)));
  }

  static TargetType parse_type(const json::object& object, const Pointer& pointer) {
    const std::string_view text = required_string(object, "target_type", pointer);
    const auto type = find_target_type(text);
    if (!type) refuse(pointer.member("target_type"), "unknown type " + quoted(text));
    return *type;
  }

  static bool parse_ignore_case(const json::object& object, const Pointer& pointer,
                                TargetType type) {
    const json::value* member = object.if_contains("ignore_case");
    if (member == nullptr) return false;
    if (!member->is_bool()) refuse(pointer.member("ignore_case"), "must be true or false");
    if (type != TargetType::string) refuse(pointer.member("ignore_case"), "is only for strings");
    return member->get_bool();
  }

  static void parse_target(const json::object& object, const Pointer& pointer,
                           Predicate& predicate) {
    if (predicate.type == TargetType::none) {
      const json::value* target = object.if_contains("target");
      if (target != nullptr && !target->is_null())
        refuse(pointer.member("target"), quoted(predicate.logic) + " takes no target");
      return;
    }
    predicate.written_target = required(object, "target", pointer);
    predicate.target = read_target(predicate.written_target, predicate, pointer.member("target"));
  }

  static void parse_group_name(const json::object& object, const Pointer& pointer,
                               Predicate& predicate) {
    if (!object.contains("group")) return;
    auto* rollout = std::get_if<Rollout>(&predicate.target);
    if (rollout == nullptr) refuse(pointer.member("group"), "is only for a rollout");
    rollout->group = std::string(required_string(object, "group", pointer));
  }

  const ParseOptions& options_;
  std::size_t leaves_ = 0;
};

}  // namespace

tl::expected<Condition, ParseError> parse(const json::value& json, const ParseOptions& options) {
  try {
    return Condition(Parser(options).parse_top(json));
  } catch (ParseError& error) {
    return tl::unexpected(std::move(error));
  }
}

}  // namespace callboard::conditions
