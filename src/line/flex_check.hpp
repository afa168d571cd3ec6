#pragma once

// What is wrong with a Flex container, down to the last component. For message_limits.cpp alone;
// pure. The nesting is bounded by whoever parsed the JSON.

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "line/call_failure.hpp"

namespace callboard::line {

// Appends to `found`. `place`: LINE's name for where the container stands.
void check_flex_container(const boost::json::value& container, const std::string& place,
                          std::vector<FailureDetail>& found);

}  // namespace callboard::line
