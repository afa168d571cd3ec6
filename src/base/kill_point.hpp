#pragma once

// Named steps at which a test may have the process die at once, as by a power cut, or stop as if it
// were suspended. Nothing happens unless one is armed, which only a test of the whole program does.
// Any thread.

#include <atomic>
#include <string_view>

namespace callboard {

namespace kill_point_detail {
extern std::atomic<bool> is_armed;
void reached(std::string_view name);
}  // namespace kill_point_detail

inline void kill_point(std::string_view name) {
  if (kill_point_detail::is_armed.load(std::memory_order_relaxed)) {
    kill_point_detail::reached(name);
  }
}

// "NAME:N": SIGKILL when it is reached the Nth time; "NAME:N:stop": SIGSTOP. Throws Error{invalid}.
// Called once, before threads start.
void arm_kill_point(std::string_view spec);

}  // namespace callboard
