#pragma once

// Brings committed changes to the subscribers, each once: this node's own by its writers, right
// after their commit; those of other nodes when the log is looked at. Owned by PostgresDatabase;
// any thread; subscribers are called one at a time.
//
// Transactions commit in another order than they draw numbers, so no number says how far a reader
// is. A snapshot does: what is visible now and was not visible in the last snapshot is new. The
// snapshots are the server's own (pg_snapshot), and no transaction, however long, holds up others.
// Where the server's history is another than at the last look (a failover, a restored copy),
// anything may have changed.

#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "db/subscribers.hpp"

namespace callboard::db::postgres {

// How far a feed is.
struct FeedPlace {
  std::string snapshot;  // what was visible
  std::int64_t next_transaction = 0;
  std::string timeline;  // the server's history
};

class ChangeFeed {
 public:
  // Nobody looks further back; the log is kept for longer than this.
  static constexpr std::chrono::minutes longest_absence{5};
  // More news than this is told as "anything may have changed".
  static constexpr std::int64_t most_news = 50'000;
  // Own changes that no look has passed yet. Where nobody looks for long, they are told twice.
  static constexpr std::size_t most_expected = 100'000;

  explicit ChangeFeed(const Clock& clock) : clock_(clock) {}

  void subscribe(std::function<void(const Change&)> subscriber);

  // This node's own: before the commit, then either of the two.
  void expect(std::span<const Change> changes);
  void deliver_own(std::span<const Change> changes);
  void forget(std::span<const Change> changes);

  // Where the next look begins. Tells nothing of what was there before.
  void start(Transaction& transaction);
  // Reads what is new, in a snapshot, and delivers it.
  void look(Transaction& transaction);

 private:
  std::vector<Change> news(Transaction& transaction) const;

  const Clock& clock_;
  std::mutex look_mutex_;  // one look at a time
  FeedPlace place_;        // of the last look
  MonotonicTime looked_at_{};

  std::mutex mutex_;
  Subscribers subscribers_;
  std::unordered_set<std::int64_t> expected_;
};

}  // namespace callboard::db::postgres
