#pragma once

// One condition against one set of variables, straight from the tree. For many conditions at once
// see matcher.hpp. Pure functions; the lookup is called once for each leaf that has to be looked
// at.

#include <functional>
#include <string_view>

#include "conditions/condition.hpp"

namespace callboard::conditions {

// The value of a variable by name; a null pointer is a missing one. What it points at must outlive
// the evaluation.
using VariableLookup = std::function<const Value*(std::string_view)>;

bool evaluate(const Condition& condition, const VariableLookup& lookup);

}  // namespace callboard::conditions
