#include "bulletins/audience_meeting.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace callboard::bulletins {
namespace {

using audience::Direction;

void keep_first(std::vector<std::string>& sample, std::span<const std::string> more) {
  sample.insert(sample.end(), more.begin(), more.end());
  std::ranges::sort(sample);
  sample.resize(std::min(sample.size(), max_audience_sample));
}

}  // namespace

Gap Meeting::gap() const {
  const std::lock_guard lock(mutex_);
  return gap_;
}

bool Meeting::take(Direction end, const Gap& seen, Step step) {
  const std::lock_guard lock(mutex_);
  if (gap_.is_closed()) return false;
  const bool upwards = end == Direction::ascending;
  if (step.is_complete) {
    if (gap_ != seen) return false;
    gap_.above = gap_.below;
  } else {
    if (upwards ? step.last >= gap_.below : step.last <= gap_.above) return false;
    (upwards ? gap_.above : gap_.below) = std::move(step.last);
  }
  all_.matching += step.found.matching;
  all_.total += step.found.total;
  keep_first(all_.sample, step.found.sample);
  return true;
}

}  // namespace callboard::bulletins
