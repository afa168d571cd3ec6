#pragma once

// The Flex contents of a template. For message_template.cpp alone; pure. The nesting is bounded by
// max_template_depth.

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "line/message_template.hpp"

namespace callboard::line {

// Appends what is wrong with placeholders, `when` and depth; `pointer`: where the value stands.
void check_flex_template(const boost::json::value& contents, const std::string& pointer,
                         std::vector<ErrorDetail>& found);

// With the values in the place of the placeholders, and nothing cut or left out.
boost::json::value filled_flex(const boost::json::value& contents, const TemplateValues& values);

// As it is sent. Nothing: no component is left. The values are prepared ones.
std::optional<boost::json::object> rendered_flex(const boost::json::value& contents,
                                                 const TemplateValues& values);

}  // namespace callboard::line
