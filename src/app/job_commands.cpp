#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/job_actions.hpp"
#include "app/operator_commands.hpp"
#include "base/error.hpp"
#include "jobs/job_list.hpp"
#include "jobs/job_shown.hpp"

namespace callboard::app {
namespace {

namespace json = boost::json;
using jobs::JobAction;

struct Options {
  std::vector<std::int64_t> ids;
  std::string app_id, queue;
  jobs::JobFilter filter;
  std::int64_t limit = 20;
  bool all = false;
  bool as_json = false;
};

jobs::Scope scope_of(db::Transaction& transaction, const std::string& app_id) {
  if (app_id.empty()) return {};
  require_application(transaction, app_id);
  return jobs::Scope{}.narrowed_to(app_id);
}

audience::AuditEntry by_command() {
  return audience::command_entry("", "", "", "");
}

int list(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  json::array listed;
  context.database().read([&](db::Transaction& transaction) {
    jobs::ListQuery query;
    query.scope = scope_of(transaction, options.app_id);
    query.filter = options.filter;
    query.limit = options.limit;
    for (const auto& job : list_jobs(transaction, query)) listed.push_back(jobs::to_json(job));
  });
  show(listed, options.as_json);
  return 0;
}

int show_one(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  const auto job = context.database().get([&](db::Transaction& transaction) {
    return find_job(transaction, jobs::Scope{}, options.ids.at(0));
  });
  if (!job) throw Error(ErrorCode::not_found, "there is no such job");
  show(jobs::to_json(*job), options.as_json);
  return 0;
}

std::variant<jobs::JobIds, jobs::JobFilter> chosen_by(const Options& options) {
  if (options.all == !options.ids.empty()) {
    throw Error(ErrorCode::invalid, "say either which jobs, by their ids, or --all");
  }
  if (options.all) return options.filter;
  return options.ids;
}

// Of all that are meant, in as many transactions as that takes.
template <JobAction action>
int change(const Settings& settings, const Options& options) {
  const auto chosen = chosen_by(options);
  CommandContext context(settings);
  std::size_t count = 0;
  bool more = true;
  while (more) {
    context.write([&](db::Transaction& transaction) {
      const jobs::JobSelection selection{scope_of(transaction, options.app_id), chosen};
      const auto changed =
          change_jobs_recorded(transaction, action, selection, by_command(), context.now());
      count += changed.count();
      more = changed.more;
    });
  }
  show(json::object{{"changed", count}}, options.as_json);
  return count > 0 || options.all ? 0 : 1;
}

template <QueueAction action>
int set_paused(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  context.write([&](db::Transaction& transaction) {
    set_paused_recorded(transaction, action, options.queue, scope_of(transaction, options.app_id),
                        by_command(), context.now());
  });
  show(json::object{{"queue", options.queue}, {"paused", action == QueueAction::pause}},
       options.as_json);
  return 0;
}

void add_filter(CLI::App& command, Options& options) {
  command.add_option("--state", options.filter.state)
      ->check(CLI::IsMember({"scheduled", "available", "running", "retryable", "completed",
                             "discarded", "cancelled"}));
  command.add_option("--queue", options.filter.queue);
  command.add_option("--kind", options.filter.kind);
  command.add_option("--app", options.app_id, "of this application; else of all");
}

void add_choice(CLI::App& command, Options& options) {
  command.add_option("id", options.ids, "which jobs")->check(CLI::PositiveNumber);
  command.add_flag("--all", options.all, "all that the other options leave");
  add_filter(command, options);
}

void add_queue(CLI::App& command, Options& options) {
  command.add_option("queue", options.queue)->required();
  command.add_option("--app", options.app_id, "for this application; else for all");
}

}  // namespace

void add_job_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(cli, "jobs",
                                      "Jobs: ls, show, run, cancel, retry, pause, resume", add);
  Options& options = command.options();
  CLI::App& listing = command("ls", "List jobs, the newest first", list);
  add_filter(listing, options);
  listing.add_option("--limit", options.limit, "at most so many")
      ->check(CLI::Range(std::int64_t{1}, jobs::max_listed))
      ->capture_default_str();
  command("show", "Show all of one job", show_one)
      .add_option("id", options.ids, "which job")
      ->required()
      ->expected(1);
  add_choice(command("run", "Run jobs now that are for later", change<JobAction::run>), options);
  add_choice(command("cancel", "End jobs that wait or run", change<JobAction::cancel>), options);
  add_choice(
      command("retry", "Try jobs again that were given up or cancelled", change<JobAction::retry>),
      options);
  add_queue(command("pause", "Take no jobs from a queue", set_paused<QueueAction::pause>), options);
  add_queue(command("resume", "Take jobs from it again", set_paused<QueueAction::resume>), options);
}

}  // namespace callboard::app
