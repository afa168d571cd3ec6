#pragma once

// The templates of an application that has none of its own: what those who are subscribed to an
// event are sent before it starts, and when it has been moved. Pure; any thread.

#include <string_view>

#include "line/message_template.hpp"

namespace callboard::line {

const MessageTemplate& reminder_template();
const MessageTemplate& moved_template();

// As an operator would write them.
std::string_view reminder_template_text();
std::string_view moved_template_text();

}  // namespace callboard::line
