#pragma once

// The condition language once more, as the simplest recursion over its JSON: what the real parser,
// matcher and evaluator are compared with. It shares none of their code but the rollout's hash, and
// expects conditions that the real parser accepts.

#include <boost/json/value.hpp>
#include <string>

namespace callboard::testing {

bool naively_matches(const boost::json::value& condition, const boost::json::object& variables,
                     const std::string& rollout_group);

}  // namespace callboard::testing
