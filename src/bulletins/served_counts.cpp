#include "bulletins/served_counts.hpp"

#include <exception>

#include "base/log.hpp"

namespace callboard::bulletins {

std::uint64_t ServedCounter::total() const {
  std::uint64_t sum = 0;
  for (const ServedTally::Slot& slot : tally_->slots) {
    sum += slot.counts[place_].load(std::memory_order_relaxed);
  }
  return sum;
}

std::shared_ptr<const ServedCounter> ServedCounts::counter_of(std::string_view app_id,
                                                              std::int64_t bulletin_id) {
  const std::lock_guard lock(mutex_);
  Entry& entry = entries_[{std::string(app_id), bulletin_id}];
  if (!entry.counter) entry.counter = new_counter();
  return entry.counter;
}

// With the mutex held. A place is not given out again: its tally goes with its last counter.
std::shared_ptr<const ServedCounter> ServedCounts::new_counter() {
  if (places_ == ServedTally::counters) {
    tally_ = std::make_shared<ServedTally>();
    places_ = 0;
  }
  return std::make_shared<const ServedCounter>(tally_, places_++);
}

std::uint64_t ServedCounts::unwritten(std::string_view app_id, std::int64_t bulletin_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find({std::string(app_id), bulletin_id});
  return found == entries_.end() ? 0 : found->second.counter->total() - found->second.written;
}

void ServedCounts::write_to(db::Database& database) {
  const auto added = additions();
  if (added.empty()) return;
  database.write_and_wait([&](db::Transaction& transaction) {
    for (const auto& [app_id, bulletin_id, amount] : added) {
      // Of a bulletin that is gone by now there is nothing to count.
      transaction.execute(
          "INSERT INTO bulletins_served (app_id, bulletin_id, served) "
          "SELECT app_id, bulletin_id, CAST($3 AS BIGINT) FROM bulletins "
          "WHERE app_id = $1 AND bulletin_id = $2 ON CONFLICT (app_id, bulletin_id) "
          "DO UPDATE SET served = bulletins_served.served + excluded.served",
          {app_id, bulletin_id, static_cast<std::int64_t>(amount)});
    }
  });
  mark_written(added);
}

// Forgets on the way what nobody counts any more.
std::vector<ServedCounts::Addition> ServedCounts::additions() {
  const std::lock_guard lock(mutex_);
  std::vector<Addition> found;
  std::erase_if(entries_, [&](const auto& known) {
    const auto& [bulletin, entry] = known;
    const std::uint64_t amount = entry.counter->total() - entry.written;
    if (amount > 0 && found.size() < max_served_rows) {
      found.push_back({bulletin.first, bulletin.second, amount});
    }
    return amount == 0 && entry.counter.use_count() == 1;
  });
  return found;
}

void ServedCounts::mark_written(const std::vector<Addition>& additions) {
  const std::lock_guard lock(mutex_);
  for (const auto& [app_id, bulletin_id, amount] : additions) {
    entries_.at({app_id, bulletin_id}).written += amount;
  }
}

ServedWriter::ServedWriter(db::Database& database, ServedCounts& counts)
    : database_(database), counts_(counts), ticker_(served_flush_period, [this] { write(); }) {}

ServedWriter::~ServedWriter() {
  ticker_.stop();
  write();
}

void ServedWriter::write() noexcept {
  try {
    counts_.write_to(database_);
  } catch (const std::exception& error) {
    log::warning("served_counts_not_written", {{"why", std::string_view(error.what())}});
  }
}

std::int64_t stored_served(db::Transaction& transaction, std::string_view app_id,
                           std::int64_t bulletin_id) {
  return transaction
      .first("SELECT served FROM bulletins_served WHERE app_id = $1 AND bulletin_id = $2",
             {app_id, bulletin_id}, [](const db::Row& row) { return row.integer(0); })
      .value_or(0);
}

}  // namespace callboard::bulletins
