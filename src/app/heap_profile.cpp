#include "app/heap_profile.hpp"

#include "base/error.hpp"

#ifdef CALLBOARD_TCMALLOC

#include <gperftools/malloc_extension.h>

#include <cstdint>

// tcmalloc reads it from the environment before main, and has no function that sets it; this is the
// name of its variable.
// NOLINTBEGIN(readability-identifier-naming)
namespace FLAG__namespace_do_not_use_directly_use_DECLARE_int64_instead {
extern std::int64_t FLAGS_tcmalloc_sample_parameter;
}
// NOLINTEND(readability-identifier-naming)

namespace callboard::app {

void sample_heap() {
  constexpr std::int64_t bytes_a_sample = 512 * 1024;  // what tcmalloc advises for production
  FLAG__namespace_do_not_use_directly_use_DECLARE_int64_instead::FLAGS_tcmalloc_sample_parameter =
      bytes_a_sample;
}

std::string heap_profile() {
  std::string text;
  MallocExtension::instance()->GetHeapSample(&text);
  return text;
}

}  // namespace callboard::app

#else

namespace callboard::app {

void sample_heap() {}

std::string heap_profile() {
  throw Error(ErrorCode::unavailable, "this build has no heap profile");
}

}  // namespace callboard::app

#endif
