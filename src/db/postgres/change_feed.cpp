#include "db/postgres/change_feed.hpp"

#include <utility>

namespace callboard::db::postgres {
namespace {

// The timeline is the first part of the name of the log's file. A standby that is promoted begins
// another one, and may lack transactions that the server before it had shown.
FeedPlace place_of(Transaction& transaction) {
  return *transaction.first(
      "SELECT CAST(pg_current_snapshot() AS TEXT),"
      " CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT),"
      " substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)",
      {}, [](const Row& row) { return FeedPlace{row.string(0), row.integer(1), row.string(2)}; });
}

}  // namespace

void ChangeFeed::subscribe(std::function<void(const Change&)> subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.add(std::move(subscriber));
}

void ChangeFeed::expect(std::span<const Change> changes) {
  const std::lock_guard lock(mutex_);
  if (expected_.size() + changes.size() > most_expected) expected_.clear();
  for (const Change& change : changes) expected_.insert(change.sequence);
}

void ChangeFeed::forget(std::span<const Change> changes) {
  const std::lock_guard lock(mutex_);
  for (const Change& change : changes) expected_.erase(change.sequence);
}

void ChangeFeed::deliver_own(std::span<const Change> changes) {
  const std::lock_guard lock(mutex_);
  for (const Change& change : changes) subscribers_.tell(change);
}

void ChangeFeed::start(Transaction& transaction) {
  const std::lock_guard lock(look_mutex_);
  place_ = place_of(transaction);
  looked_at_ = clock_.monotonic();
}

void ChangeFeed::look(Transaction& transaction) {
  const std::lock_guard look_lock(look_mutex_);
  FeedPlace place = place_of(transaction);
  const std::vector<Change> changes = news(transaction);
  const MonotonicTime now = clock_.monotonic();
  const bool may_have_missed =
      place.timeline != place_.timeline || place.next_transaction < place_.next_transaction ||
      now - looked_at_ > longest_absence || changes.size() == static_cast<std::size_t>(most_news);
  const std::lock_guard lock(mutex_);
  if (may_have_missed) subscribers_.tell({0, {}, {}, {}});
  for (const Change& change : changes) {
    if (expected_.erase(change.sequence) == 0) subscribers_.tell(change);
  }
  place_ = std::move(place);
  looked_at_ = now;
}

std::vector<Change> ChangeFeed::news(Transaction& transaction) const {
  std::vector<Change> changes;
  transaction.query(
      "SELECT seq, app_id, kind, key FROM changes"
      " WHERE transaction_id >= pg_snapshot_xmin(CAST($1 AS pg_snapshot))"
      " AND NOT pg_visible_in_snapshot(transaction_id, CAST($1 AS pg_snapshot))"
      " ORDER BY transaction_id, seq LIMIT $2",
      {place_.snapshot, most_news}, [&](const Row& row) {
        changes.push_back({row.integer(0), row.string(1), row.string(2), row.string(3)});
      });
  return changes;
}

}  // namespace callboard::db::postgres
