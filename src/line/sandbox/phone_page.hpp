#pragma once

// The page that shows what users received, on something like a phone: phone.html, which is part of
// the program. It draws text and Flex messages with the DOM alone, so that nothing it is sent can
// become markup.

#include <string_view>

namespace callboard::line::sandbox {

std::string_view phone_page();

}  // namespace callboard::line::sandbox
