#pragma once

// Internal to lint: can these requirements hold together, whatever the variables are?

#include <vector>

#include "conditions/program.hpp"

namespace callboard::conditions {

// True only if no value of some variable satisfies all the leaves about it. Parts that are not
// leaves are passed over.
bool is_contradiction(const std::vector<Conjunct>& parts);

}  // namespace callboard::conditions
