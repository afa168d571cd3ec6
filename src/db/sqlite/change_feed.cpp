#include "db/sqlite/change_feed.hpp"

#include <utility>

namespace callboard::db::sqlite {

void ChangeFeed::subscribe(std::function<void(const Change&)> subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.add(std::move(subscriber));
}

std::int64_t ChangeFeed::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

// When another process has committed in between, `last_` stays, and the next poll brings its
// changes and these once more.
void ChangeFeed::deliver_own(std::span<const Change> changes) {
  const std::lock_guard lock(mutex_);
  for (const Change& change : changes) {
    if (change.sequence <= last_) continue;  // a poll was faster
    subscribers_.tell(change);
    if (change.sequence == last_ + 1) last_ = change.sequence;
  }
}

void ChangeFeed::deliver_polled(std::span<const Change> changes) {
  const std::lock_guard lock(mutex_);
  for (const Change& change : changes) {
    if (change.sequence <= last_) continue;
    if (change.sequence != last_ + 1)
      subscribers_.tell({change.sequence, {}, {}, {}});  // pruned unseen
    subscribers_.tell(change);
    last_ = change.sequence;
  }
}

}  // namespace callboard::db::sqlite
