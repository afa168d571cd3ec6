#include "base/kill_point.hpp"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <string>

#include "base/error.hpp"

namespace callboard {
namespace {

struct Armed {
  std::string name;
  std::atomic<int> left{0};
  int signal = SIGKILL;
};

Armed& armed() {
  static Armed value;
  return value;
}

constexpr std::string_view stop_suffix = ":stop";

}  // namespace

namespace kill_point_detail {

std::atomic<bool> is_armed{false};

void reached(std::string_view name) {
  if (name == armed().name && armed().left.fetch_sub(1) == 1) ::kill(::getpid(), armed().signal);
}

}  // namespace kill_point_detail

void arm_kill_point(std::string_view spec) {
  std::string_view rest = spec;
  if (rest.ends_with(stop_suffix)) {
    armed().signal = SIGSTOP;
    rest.remove_suffix(stop_suffix.size());
  }
  const std::size_t colon = rest.rfind(':');
  int times = 0;
  const std::string_view number = colon == rest.npos ? "" : rest.substr(colon + 1);
  const auto [end, failure] = std::from_chars(number.begin(), number.end(), times);
  if (failure != std::errc{} || end != number.end() || times < 1) {
    throw Error(ErrorCode::invalid,
                "a kill point is NAME:N or NAME:N:stop, not " + std::string(spec));
  }
  armed().name = rest.substr(0, colon);
  armed().left = times;
  kill_point_detail::is_armed = true;
}

}  // namespace callboard
