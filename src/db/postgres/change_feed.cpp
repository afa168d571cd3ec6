#include "db/postgres/change_feed.hpp"

#include <utility>

namespace callboard::db::postgres {
namespace {

std::string snapshot_of(Transaction& transaction) {
  return *transaction.first("SELECT CAST(pg_current_snapshot() AS TEXT)", {},
                            [](const Row& row) { return row.string(0); });
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
  snapshot_ = snapshot_of(transaction);
  looked_at_ = clock_.monotonic();
}

void ChangeFeed::look(Transaction& transaction) {
  const std::lock_guard look_lock(look_mutex_);
  std::string snapshot = snapshot_of(transaction);
  const std::vector<Change> changes = news(transaction);
  const MonotonicTime now = clock_.monotonic();
  const bool may_have_missed =
      now - looked_at_ > longest_absence || changes.size() == static_cast<std::size_t>(most_news);
  const std::lock_guard lock(mutex_);
  if (may_have_missed) subscribers_.tell({0, {}, {}, {}});
  for (const Change& change : changes) {
    if (expected_.erase(change.sequence) == 0) subscribers_.tell(change);
  }
  snapshot_ = std::move(snapshot);
  looked_at_ = now;
}

std::vector<Change> ChangeFeed::news(Transaction& transaction) const {
  std::vector<Change> changes;
  transaction.query(
      "SELECT seq, app_id, kind, key FROM changes"
      " WHERE transaction_id >= pg_snapshot_xmin(CAST($1 AS pg_snapshot))"
      " AND NOT pg_visible_in_snapshot(transaction_id, CAST($1 AS pg_snapshot))"
      " ORDER BY transaction_id, seq LIMIT $2",
      {snapshot_, most_news}, [&](const Row& row) {
        changes.push_back({row.integer(0), row.string(1), row.string(2), row.string(3)});
      });
  return changes;
}

}  // namespace callboard::db::postgres
