#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <future>
#include <iterator>
#include <utility>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/operator_commands.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "events/events.hpp"
#include "reminders/reminders.hpp"

namespace callboard::app {
namespace {

struct Options {
  std::string app_id, file, time_zone;
  std::optional<int> year;
  bool dry_run = false;
  bool skip_bad = false;
  bool as_json = false;
};

// As much as the server's call takes.
std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(http::import_max_body + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) throw Error(ErrorCode::invalid, "can't read " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > http::import_max_body) {
    throw Error(ErrorCode::too_large, path + " is larger than 16 MiB");
  }
  return text;
}

events::ImportCounts import_and_wait(db::Database& database, audience::AuditEntry by,
                                     const Clock& clock, std::vector<events::Draft> drafts,
                                     bool keeps) {
  const reminders::Watcher watcher(clock);
  std::promise<events::ImportCounts> done;
  events::import_events(database, watcher, std::move(by), clock.now(), std::move(drafts), keeps,
                        [&](std::exception_ptr failure, events::ImportCounts counts) {
                          failure ? done.set_exception(failure) : done.set_value(counts);
                        });
  return done.get_future().get();
}

int import(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  const auto application = context.database().get([&](db::Transaction& transaction) {
    return require_application(transaction, options.app_id);
  });
  events::ImportOptions defaults;
  defaults.year = options.year;
  defaults.time_zone =
      options.time_zone.empty() ? application.settings.time_zone : options.time_zone;
  defaults.dry_run = options.dry_run;
  defaults.skip_bad = options.skip_bad;
  const events::ImportRequest request =
      events::import_request_from_json(parse_json(text_of(options.file)), std::move(defaults));
  if (!request.url.empty()) throw Error(ErrorCode::invalid, "the file must hold the events");
  events::ReadRows rows = events::read_rows(request.rows, request.options);
  const bool is_refused = !rows.errors.empty() && !request.options.skip_bad;
  events::ImportCounts counts;
  if (!is_refused) {
    auto by = audience::command_entry(application.workspace_id, options.app_id, "", "");
    counts = import_and_wait(context.database(), std::move(by), context.clock(),
                             std::move(rows.drafts), !request.options.dry_run);
  }
  show(events::to_json(counts, rows.errors), options.as_json);
  return is_refused ? 1 : 0;
}

// What should be reminded of follows from the events as they are stored.
int sync(const Settings& settings, const Options& options) {
  CommandContext context(settings);
  std::vector<audience::Application> applications;
  context.database().read([&](db::Transaction& transaction) {
    if (!options.app_id.empty()) {
      applications.push_back(require_application(transaction, options.app_id));
    } else {
      audience::each_application(transaction,
                                 [&](const auto& each) { applications.push_back(each); });
    }
  });
  boost::json::array shown;
  for (const audience::Application& application : applications) {
    const auto counts = reminders::sync(context.database(), application.app_id, context.clock());
    shown.push_back({{"app_id", application.app_id},
                     {"events", counts.events},
                     {"cancelled", counts.cancelled}});
  }
  show(shown, options.as_json);
  return 0;
}

}  // namespace

void add_event_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(cli, "events", "Events: import, sync", add);
  Options& options = command.options();
  CLI::App& importing =
      command("import", "Import events: all rows, or none if any is wrong", import);
  importing.add_option("file", options.file, "JSON: an array of events, or {\"events\":[...]}")
      ->required();
  importing.add_option("--app", options.app_id, "the application")->required();
  importing.add_option("--year", options.year, "of dates without a year")
      ->check(CLI::Range(events::first_year, events::last_year));
  importing.add_option("--time-zone", options.time_zone, "of the times; else the application's");
  importing.add_flag("--dry-run", options.dry_run, "only say what would be done");
  importing.add_flag("--skip-bad", options.skip_bad, "import what is right though rows are wrong");
  command("sync", "Plan the reminders of upcoming events anew, as the events are stored", sync)
      .add_option("--app", options.app_id, "one application; else all");
}

}  // namespace callboard::app
