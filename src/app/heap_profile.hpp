#pragma once

// The heap as tcmalloc has sampled it: one allocation in each half megabyte, with its stack. Builds
// with sanitizers bring their own allocator and have none.

#include <string>

namespace callboard::app {

// Once, as early as possible: what was allocated before is not seen.
void sample_heap();

// In the text form that `pprof` reads. Any thread; blocks for some milliseconds. Throws
// Error{unavailable} where there is none.
std::string heap_profile();

}  // namespace callboard::app
