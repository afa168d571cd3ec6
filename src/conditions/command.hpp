#pragma once

// `callboard condition eval` and `lint`: JSON lines in, JSON lines out, one for one and in order.
// No server, no database: for scripts and test suites.
//
// Both return the exit status: 0, or 1 if the output could not be written. A line that is wrong is
// answered by {"id":...,"error":{"pointer","message"}}; the pointer goes into the condition. A
// single leaf may stand for a condition, and a rollout's default group is the line's id.

#include <cstddef>
#include <iosfwd>

namespace callboard::conditions {

// A longer line is answered by an error.
inline constexpr std::size_t max_line_bytes = std::size_t(4) << 20;

// {"id","condition","variables"} → {"id","matches"}, and "explanation" where asked for.
int run_eval(std::istream& in, std::ostream& out, bool explain);

// {"id","condition"} → {"id","warnings":[{"pointer","message"}]}
int run_lint(std::istream& in, std::ostream& out);

}  // namespace callboard::conditions
