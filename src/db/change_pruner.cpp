#include "db/change_pruner.hpp"

#include <fmt/format.h>

#include <memory>

namespace callboard::db {

void ChangePruner::prune_when_due() {
  const Timestamp now = clock_.now();
  std::int64_t due = next_ms_.load();
  if (unix_ms(now) < due) return;
  if (!next_ms_.compare_exchange_strong(due, unix_ms(now + period))) return;
  prune(unix_ms(now - changes_kept));
}

// A step that found less than it may take is the last. The newest change always stays: by it a
// follower on SQLite sees that it has missed others.
void ChangePruner::prune(std::int64_t before_ms) {
  const auto deleted = std::make_shared<std::int64_t>(0);
  database_.write(
      [deleted, before_ms](Transaction& transaction) {
        *deleted = transaction.execute(
            fmt::format("DELETE FROM changes WHERE seq IN"
                        " (SELECT seq FROM changes ORDER BY seq LIMIT $1{})"
                        " AND at_ms < $2 AND seq < (SELECT max(seq) FROM changes)",
                        transaction.skip_locked()),
            {step, before_ms});
      },
      [this, deleted, before_ms](std::exception_ptr error) {
        if (!error && *deleted == step) prune(before_ms);
      });
}

}  // namespace callboard::db
