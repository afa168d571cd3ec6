#include "app/background.hpp"

#include <utility>

#include "jobs/job_store.hpp"

namespace callboard::app {
namespace {

using jobs::JobContext;

// Several at once of each kind, so that what takes long holds nobody else up.
constexpr std::size_t fan_outs = 4, senders = 8, imports = 2, webhook_events = 2,
                      more_webhook_events = 100;
constexpr jobs::RetryPolicy soon{std::chrono::milliseconds{500}, std::chrono::seconds{30}, 0.2};

}  // namespace

Background::Background(const reminders::SendingParts& parts,
                       const audience::DataProviders& providers,
                       const events::EventWatcher& watcher, const http::OutgoingClient& outgoing,
                       const jobs::WorkerOptions& options)
    : database_(parts.database),
      clock_(parts.clock),
      fan_out_(parts, providers),
      sending_(parts),
      webhook_events_(
          parts.database,
          [&watcher](db::Transaction& transaction, std::string_view app_id,
                     std::string_view user_id, std::string_view data) {
            events::handle_postback(transaction, watcher, app_id, user_id, data);
          },
          parts.clock),
      import_job_(parts.database, watcher, outgoing, parts.clock),
      workers_(parts.database, works(), crons(), parts.clock, parts.metrics, options) {}

std::vector<jobs::JobKind> Background::kinds() {
  std::vector<jobs::JobKind> kinds;
  for (const jobs::Work& work : works()) kinds.push_back(work.kind);
  return kinds;
}

std::vector<jobs::Work> Background::works() {
  return {
      {.kind = reminders::fan_out_job,
       .run = [this](JobContext& context) { return fan_out_.run(context); },
       .retry = soon,
       .threads = fan_outs},
      {.kind = reminders::send_job,
       .run = [this](JobContext& context) { return sending_.run(context); },
       .retry = soon,
       .threads = senders},
      {.kind = reminders::sync_job,
       .run =
           [this](JobContext& context) {
             reminders::sync(database_, context.job().app_id, clock_);
             return jobs::outcome::Completed{};
           }},
      {.kind = identity::webhook_job,
       .run = [this](JobContext& context) { return webhook_events_.run(context); },
       .threads = webhook_events,
       .prefetch = more_webhook_events},
      {.kind = reminders::tend_job,
       .run =
           [this](JobContext&) {
             database_.write_and_wait(
                 [&](db::Transaction& transaction) { reminders::tend(transaction, clock_.now()); });
             return jobs::outcome::Completed{};
           }},
      {.kind = events::import_job,
       .run = [this](JobContext& context) { return import_job_.run(context); },
       .threads = imports},
      {.kind = prune_job, .run = [this](JobContext& context) { return prune(context); }},
  };
}

std::vector<jobs::Cron> Background::crons() {
  return {{.name = "prune", .kind = prune_job, .schedule = "17 * * * *"},
          {.name = "tend", .kind = reminders::tend_job, .schedule = "*/5 * * * *"}};
}

jobs::Outcome Background::prune(const JobContext& context) const {
  const Timestamp now = clock_.now();
  bool is_more = true;
  while (is_more && !context.should_stop()) {
    is_more = false;
    for (const auto step :
         {jobs::prune_history, reminders::prune_sends, identity::prune_webhook_events}) {
      database_.write_and_wait(
          [&](db::Transaction& transaction) { is_more = step(transaction, now) || is_more; });
    }
  }
  return jobs::outcome::Completed{};
}

}  // namespace callboard::app
