#include "db/sqlite/sqlite_database.hpp"

#include "base/log.hpp"
#include "db/migrations.hpp"

namespace callboard::db::sqlite {
namespace {

Change change_of(const Row& row) {
  return {row.integer(0), row.string(1), row.string(2), row.string(3)};
}

}  // namespace

SqliteDatabase::SqliteDatabase(const std::filesystem::path& path, const Options& options)
    : schema_version_(newest_version(migrations_of(options, Dialect::sqlite))),
      readers_(path, options),
      feed_(newest_change()),
      writer_(Connection(path, Access::write, options.limits.busy_timeout), options, feed_),
      pruner_(*this, options.clock) {}

SqliteDatabase::~SqliteDatabase() {
  stop();
}

void SqliteDatabase::read(const Work& work) {
  readers_.run(work);
}

void SqliteDatabase::write(Work work, Completion done) {
  writer_.submit(std::move(work), std::move(done));
}

void SqliteDatabase::on_change(std::function<void(const Change&)> subscriber) {
  feed_.subscribe(std::move(subscriber));
}

void SqliteDatabase::start_following() {
  const std::lock_guard lock(mutex_);
  if (!stopped_ && !ticker_) ticker_.emplace(poll_period, [this] { follow(); });
}

void SqliteDatabase::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (ticker_) ticker_->stop();
  writer_.stop();
}

void SqliteDatabase::poll_changes() {
  for (;;) {
    const auto changes = changes_after(feed_.last());
    feed_.deliver_polled(changes);
    if (changes.size() < static_cast<std::size_t>(poll_batch)) break;
  }
  pruner_.prune_when_due();
}

// A failure is logged when it begins, not every second of it.
void SqliteDatabase::follow() noexcept {
  try {
    poll_changes();
    following_fails_ = false;
  } catch (const std::exception& error) {
    if (!following_fails_) log::error("change_log_unreadable", {{"error", error.what()}});
    following_fails_ = true;
  }
}

void SqliteDatabase::check() {
  require_version(*this, schema_version_);
}

std::int64_t SqliteDatabase::newest_change() {
  std::int64_t newest = 0;
  readers_.run([&](Transaction& transaction) {
    transaction.query("SELECT coalesce(max(seq), 0) FROM changes", {},
                      [&](const Row& row) { newest = row.integer(0); });
  });
  return newest;
}

std::vector<Change> SqliteDatabase::changes_after(std::int64_t last) {
  std::vector<Change> changes;
  read([&](Transaction& transaction) {
    transaction.query(
        "SELECT seq, app_id, kind, key FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2",
        {last, poll_batch}, [&](const Row& row) { changes.push_back(change_of(row)); });
  });
  return changes;
}

}  // namespace callboard::db::sqlite
