#pragma once

// The command line: which command, with which settings. Called once, by main.

namespace callboard::app {

// Runs the command and returns the exit code: 0 it worked, 1 it failed, 2 the call was wrong. What
// went wrong is one line on standard error.
int run(int argc, char** argv);

}  // namespace callboard::app
