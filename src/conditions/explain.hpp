#pragma once

// Why a condition holds, or does not: its tree with what each leaf saw. Pure.

#include <boost/json/fwd.hpp>
#include <functional>
#include <string_view>

#include "conditions/condition.hpp"
#include "conditions/evaluate.hpp"

namespace callboard::conditions {

// Who supplies a variable; an empty name is written as null.
using ProviderLookup = std::function<std::string_view(std::string_view variable)>;

// A group is {"logic", "result", "conditions"}; a leaf has its members as written and "value",
// "provider", "result", "why". Every leaf is looked at, also where evaluate() would stop early.
boost::json::object explain(const Condition& condition, const VariableLookup& lookup,
                            const ProviderLookup& provider_of = {});

}  // namespace callboard::conditions
