#pragma once

// Things about a condition that are allowed but hardly meant: parts that are always true or always
// false, a leaf written twice, a variable that nobody has. Pure; never an error.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "conditions/condition.hpp"

namespace callboard::conditions {

struct Warning {
  std::string pointer;  // RFC 6901, into the condition
  std::string message;
};

// `has_users` says whether any stored user has this variable; empty: nobody knows.
// A part is reported where it first becomes constant, not again in the groups around it. Not every
// contradiction is found; what is reported is one.
std::vector<Warning> lint(const Condition& condition,
                          const std::function<bool(std::string_view)>& has_users = {});

}  // namespace callboard::conditions
