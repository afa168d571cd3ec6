#include "db/postgres/postgres_database.hpp"

#include <memory>
#include <utility>

#include "db/migrations.hpp"
#include "db/postgres/migrator.hpp"

namespace callboard::db::postgres {

namespace {

// What only listens must not hold up who looks.
Options hasty(Options options) {
  options.limits.connect_time = options.limits.statement_time = std::chrono::milliseconds{500};
  return options;
}

}  // namespace

PostgresDatabase::PostgresDatabase(const Options& options)
    : clock_(options.clock),
      schema_version_(newest_version(migrations_of(options, Dialect::postgres))),
      direct_connector_(direct_url(options), hasty(options)),
      connector_(options.location, options,
                 options.direct_location.empty() ? Route::direct : Route::pooled),
      readers_(connector_, options),
      feed_(options.clock),
      pruner_(*this, options.clock),
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
  follower_.emplace(direct_connector_, connector_, feed_, clock_,
                    [this] { pruner_.prune_when_due(); });
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
  pruner_.prune_when_due();
}

void PostgresDatabase::check() {
  require_version(*this, schema_version_);
}

}  // namespace callboard::db::postgres
