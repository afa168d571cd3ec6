#pragma once

// Internal to the parser: which operators there are, which types they go with, and how a target is
// read. Pure functions; what breaks a rule is thrown as a ParseError, which parse() returns.

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "conditions/condition.hpp"
#include "conditions/pointer.hpp"

namespace callboard::conditions {

struct OperatorName {
  std::string_view text;
  Operator op;
  unsigned types;  // a bit for each TargetType that it goes with
};

// Null for an unknown name.
const OperatorName* find_operator(std::string_view text);
bool goes_with(const OperatorName& name, TargetType type);
std::optional<TargetType> find_target_type(std::string_view text);

// Reads `json` by the predicate's type, operator and case rule. For a rollout, without its group.
Target read_target(const boost::json::value& json, const Predicate& predicate,
                   const Pointer& pointer);

// In quotes for a message, unless it is too long to be of help there.
std::string quoted(std::string_view text);

[[noreturn]] void refuse(const Pointer& pointer, std::string message);

// Refuses a string longer than the language allows.
void check_length(std::string_view text, const Pointer& pointer);

}  // namespace callboard::conditions
