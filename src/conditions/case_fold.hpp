#pragma once

// Unicode simple case folding of UTF-8 text, for comparing without regard to case. Bytes that are
// not UTF-8 stay as they are. Pure functions.

#include <string>
#include <string_view>

namespace callboard::conditions {

// Replaces `out` by the folded text; a string that is reused costs no allocation.
void fold_case(std::string_view text, std::string& out);

std::string folded(std::string_view text);

}  // namespace callboard::conditions
