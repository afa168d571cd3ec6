#pragma once

// Brings committed changes to the subscribers: the writer's own at once, those of other processes
// when the log is polled. Owned by SqliteDatabase; any thread; subscribers are called one at a
// time.
//
// Commits are serial on SQLite, so the log's numbers have no holes and one number says how far a
// reader is: everything up to `last_` has been delivered.

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "db/database.hpp"
#include "db/subscribers.hpp"

namespace callboard::db::sqlite {

class ChangeFeed {
 public:
  explicit ChangeFeed(std::int64_t last) : last_(last) {}

  void subscribe(std::function<void(const Change&)> subscriber);
  // One committed group of this process's writer.
  void deliver_own(std::span<const Change> changes);
  // Everything in the log after the number that last() returned, or its beginning.
  void deliver_polled(std::span<const Change> changes);
  std::int64_t last() const;

 private:
  mutable std::mutex mutex_;
  Subscribers subscribers_;
  std::int64_t last_;
};

}  // namespace callboard::db::sqlite
