#include "db/postgres/postgres_database.hpp"

#include <memory>
#include <utility>

#include "db/migrations.hpp"
#include "db/postgres/migrator.hpp"

namespace callboard::db::postgres {

PostgresDatabase::PostgresDatabase(const Options& options)
    : clock_(options.clock),
      schema_version_(newest_version(migrations_of(options, Dialect::postgres))),
      direct_connector_(direct_url(options), options),
      connector_(options.location, options,
                 options.direct_location.empty() ? Route::direct : Route::pooled),
      readers_(connector_, options),
      feed_(options.clock),
      next_prune_ms_(unix_ms(clock_.now())),
      writers_(connector_, options, feed_, [this] { tell_others(); }) {
  readers_.run([this](Transaction& transaction) { feed_.start(transaction); });
}

PostgresDatabase::~PostgresDatabase() {
  stop();
}

void PostgresDatabase::read(const Work& work) {
  readers_.run(work);
}

void PostgresDatabase::write(Work work, Completion done) {
  writers_.submit(std::move(work), std::move(done));
}

void PostgresDatabase::on_change(std::function<void(const Change&)> subscriber) {
  feed_.subscribe(std::move(subscriber));
}

void PostgresDatabase::start_following() {
  const std::lock_guard lock(mutex_);
  if (stopped_ || follower_) return;
  follower_.emplace(direct_connector_, feed_, clock_, [this] { prune_when_due(); });
  teller_ = &*follower_;
}

void PostgresDatabase::tell_others() {
  if (Follower* const follower = teller_) follower->tell_others();
}

void PostgresDatabase::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  writers_.stop();
  if (follower_) follower_->stop();
}

void PostgresDatabase::poll_changes() {
  readers_.run([this](Transaction& transaction) { feed_.look(transaction); });
  prune_when_due();
}

void PostgresDatabase::check() {
  require_version(*this, schema_version_);
}

void PostgresDatabase::prune_when_due() {
  const Timestamp now = clock_.now();
  std::int64_t due = next_prune_ms_.load();
  if (unix_ms(now) < due) return;
  if (!next_prune_ms_.compare_exchange_strong(due, unix_ms(now + prune_period))) return;
  prune(unix_ms(now - changes_kept));
}

// In steps, so that no transaction is long; one that found less than it may take is the last.
void PostgresDatabase::prune(std::int64_t before_ms) {
  const auto deleted = std::make_shared<std::int64_t>(0);
  write(
      [deleted, before_ms](Transaction& transaction) {
        *deleted = transaction.execute(
            "DELETE FROM changes WHERE seq IN (SELECT seq FROM changes ORDER BY seq LIMIT $1 "
            "FOR UPDATE SKIP LOCKED) AND at_ms < $2",
            {prune_step, before_ms});
      },
      [this, deleted, before_ms](std::exception_ptr error) {
        if (!error && *deleted == prune_step) prune(before_ms);
      });
}

}  // namespace callboard::db::postgres
