#pragma once

// Two threads count the same users, one from each end, in steps, until they meet; so neither needs
// to know where the middle is. What both looked at is the other's, and looked at again. Owned by
// one count; any of its threads.

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "audience/audience.hpp"

namespace callboard::bulletins {

inline constexpr std::size_t max_audience_sample = 10;

struct Audience {
  std::int64_t matching = 0;
  std::int64_t total = 0;
  std::vector<std::string> sample;  // the first user ids that match, in order
};

// The users that nobody has counted yet: strictly between the two ids.
struct Gap {
  std::string above{audience::before_all_users};
  std::string below{audience::after_all_users};

  bool is_closed() const { return above >= below; }
  bool operator==(const Gap&) const = default;
};

// What one look at one end of the gap found.
struct Step {
  Audience found;
  std::string last;         // the id that it got to
  bool is_complete = true;  // it saw the whole gap
};

class Meeting {
 public:
  Gap gap() const;
  // `seen`: the gap as it was before the step. False: the other one has been here in between, and
  // the step does not count.
  bool take(audience::Direction end, const Gap& seen, Step step);
  // When both have ended.
  Audience result() && { return std::move(all_); }

 private:
  mutable std::mutex mutex_;
  Gap gap_;
  Audience all_;
};

}  // namespace callboard::bulletins
