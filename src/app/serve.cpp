#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/api_reference_routes.hpp"
#include "app/background.hpp"
#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/data_lock.hpp"
#include "app/demo/fill.hpp"
#include "app/demo/line.hpp"
#include "app/demo/page_routes.hpp"
#include "app/heap_profile.hpp"
#include "app/job_routes.hpp"
#include "app/kept_of_users.hpp"
#include "app/operations_routes.hpp"
#include "app/print_routes.hpp"
#include "app/profiler.hpp"
#include "app/secret_box.hpp"
#include "app/stop_signals.hpp"
#include "audience/audience.hpp"
#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "bulletins/bulletins.hpp"
#include "events/events.hpp"
#include "http/cross_origin.hpp"
#include "http/outgoing.hpp"
#include "http/server.hpp"
#include "identity/identity.hpp"
#include "jobs/job_gauges.hpp"
#include "line/client.hpp"
#include "quizzes/quizzes.hpp"
#include "reminders/reminders.hpp"

namespace callboard::app {
namespace {

// A connection is a file, and the usual soft limit of 1,024 is far below max_connections.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warning("file_limit_not_raised");
}

// Beside the boards' streams, so that together they leave connections for those who read.
quizzes::StatisticsStreamLimits quiz_stream_limits(const bulletins::StreamLimits& boards) {
  constexpr std::size_t share = 3;
  return {.total = boards.total / share,
          .per_app = boards.per_app / share,
          .per_address = boards.per_address};
}

// Stops a database's threads, which call the subscribers, before the subscribers go.
class RunningDatabase {
 public:
  explicit RunningDatabase(db::Database& database) : database_(database) {
    database_.start_following();
  }
  ~RunningDatabase() { database_.stop(); }
  RunningDatabase(const RunningDatabase&) = delete;
  RunningDatabase& operator=(const RunningDatabase&) = delete;

 private:
  db::Database& database_;
};

// A server that nobody initialised has the first workspace and application all the same.
void make_first_application(db::Database& database, const identity::KeyStore& keys,
                            const Clock& clock) {
  const auto workspaces = database.get(
      [](db::Transaction& transaction) { return audience::list_workspaces(transaction); });
  if (workspaces.empty()) identity::bootstrap(database, keys, clock);
}

// Where there is no member yet, whoever reads this may become the first. On standard output alone:
// the log may go anywhere.
void show_setup_link(db::Database& database, const Settings& settings, const Clock& clock) {
  if (database.get([](db::Transaction& t) { return identity::has_members(t); })) return;
  identity::IssuedLink issued;
  database.write_and_wait([&](db::Transaction& transaction) {
    issued = identity::issue_setup(transaction, std::string(audience::command_actor), clock.now());
  });
  std::cout
      << "set up the first member by "
      << identity::OwnAddress(public_url_of(settings)).link(local_url_of(settings), issued.secret)
      << "\n";
}

// Logins wait for LINE on threads of their own, so that nobody else does.
constexpr std::size_t login_threads = 8;
constexpr std::size_t max_waiting_logins = 256;
// Lists of events that are fetched from a URL: few operators do that, and a slow server takes long.
constexpr std::size_t import_threads = 2;
constexpr std::size_t max_waiting_imports = 16;

// What pages of other origins may send with their requests to /bp.
constexpr auto page_headers =
    "Content-Type, If-None-Match, X-App-ID, X-App-Version, X-BytePower-Session-Token, "
    "X-BytePower-Sign, X-Device-Info, X-Min-Board-Revision, X-Request-ID, X-Timezone, "
    "Authorization, "
    "Cache-Control, Idempotency-Key, Last-Event-ID, traceparent";

http::Routes joined(std::vector<http::Routes> tables) {
  http::Routes all;
  for (http::Routes& table : tables) {
    std::ranges::move(table, std::back_inserter(all));
  }
  return all;
}

std::string shown_address(const http::ServerOptions& options, std::uint16_t port) {
  const bool is_v6 = options.address.find(':') != std::string::npos;
  return "http://" + (is_v6 ? '[' + options.address + ']' : options.address) + ':' +
         std::to_string(port);
}

}  // namespace

// Everything the server consists of, in the order it is built; it is torn down in reverse.
int serve(const Settings& settings, bool only_routes) {
  const Configuration configuration = configuration_of(settings);
  log::configure(configuration.log.level, configuration.log.format);
  sample_heap();
  const StopSignals stop_signals;
  raise_file_limit();

  if (!configuration.kill_point.empty()) arm_kill_point(configuration.kill_point);
  const SystemClock clock(configuration.clock_offset);
  Metrics metrics;
  std::optional<DataLock> data_lock;
  if (configuration.database_file) data_lock.emplace(configuration.database_file->parent_path());
  const auto database = db::open(database_options(settings, clock, metrics));
  const identity::ServerKey server_key = server_key_of(settings, *database);
  const identity::KeyStore keys(server_key);
  if (configuration.role != Role::worker) make_first_application(*database, keys, clock);
  // Another node may have been first, with a key of its own.
  database->read([&](db::Transaction& transaction) { keys.check_server_key(transaction); });

  // Before the boards, whose loader hands readers that waited back to it.
  http::WorkPool pool(configuration.work_threads, configuration.work_queue, metrics);
  const audience::Applications applications(*database, clock, metrics);
  audience::Users users(*database, clock, metrics, configuration.user_cache_bytes);
  const http::OutgoingClient outgoing(configuration.outgoing_allow);
  const audience::SecretBox secrets = secret_box(server_key);
  audience::DataProviders providers(applications);
  providers.add(audience::http_provider(*database, applications, outgoing, secrets, clock, metrics,
                                        configuration.provider_cache_bytes));
  providers.add(events::subscribed_events_provider(*database, clock, metrics));
  providers.add(quizzes::quiz_results_provider(*database, clock, metrics));
  const events::Schedules schedules(*database, clock, metrics);
  const reminders::Watcher event_watcher(clock);
  if (configuration.demo) fill_demo(*database, event_watcher, clock);
  bulletins::Boards boards(*database, providers, metrics);
  const std::size_t memo_bytes =
      configuration.answer_memo_bytes / http::io_thread_count(configuration.server);
  bulletins::BoardReader reader(boards, users, providers, clock, memo_bytes);
  identity::Trust trust(*database, keys, clock, metrics);
  const identity::OwnAddress own_address(configuration.public_url);
  audience::AppAddresses addresses(*database, configuration.default_app);
  identity::Gate gate(*database, applications, trust, addresses, own_address, clock, metrics);
  const auto own_limits = [&](std::string_view app_id,
                              bool may_block) -> std::optional<audience::AppRateLimits> {
    const auto known =
        may_block ? std::optional(applications.get(app_id)) : applications.from_memory(app_id);
    if (!known) return std::nullopt;
    return *known ? (*known)->settings.rate_limits : audience::AppRateLimits{};
  };
  identity::LimitedGate limited_gate(gate, configuration.rate_limits, clock, metrics, own_limits);
  const identity::Sessions sessions(trust, clock);
  identity::PasswordHasher hasher;
  identity::SignIn sign_in(*database, hasher, clock, configuration.sign_in_limits);

  bulletins::BoardRoutes board_routes(*database, boards, reader, pool, clock);
  const auto is_revoked = [&](std::string_view session) {
    return trust.is_revoked_in_memory(session);
  };
  bulletins::BoardStreams board_streams(*database, boards, is_revoked, clock,
                                        configuration.streams);
  bulletins::ConsoleRoutes console_routes(*database, boards, users, providers, clock);
  const auto issue_keys = [&](db::Transaction& transaction, std::string_view app_id) {
    identity::issue_first_keys(transaction, keys, app_id, clock.now());
  };
  const auto settings_changed = [&](db::Transaction& transaction,
                                    const audience::Application& before,
                                    const audience::AppSettings& after) {
    reminders::follow_settings(transaction, before, after, clock.now());
  };
  std::optional<DemoLine> demo_line;
  if (configuration.demo && !only_routes) demo_line.emplace(configuration.server, clock);
  std::vector<std::string> line_addresses = configuration.outgoing_allow;
  if (demo_line) line_addresses.push_back(demo_line->address());
  const http::OutgoingClient line_outgoing(line_addresses);
  const line::Client line_client(line_outgoing, clock);
  const identity::LineLogin line_login(applications, sessions, line_client, secrets, clock);
  http::WorkPool login_pool(login_threads, max_waiting_logins, metrics, "logins");
  http::WorkPool import_pool(import_threads, max_waiting_imports, metrics, "imports");
  const identity::AllowedPages pages(addresses, own_address);
  const identity::PersonRoutesParts person_parts{*database, applications, trust, sessions,
                                                 pages,     own_address,  clock};
  jobs::WorkerOptions worker_options = configuration.workers;
  worker_options.is_alone = !database->is_shared();
  Background background({*database, applications, line_client, secrets, clock, metrics,
                         configuration.workers.backoff_scale},
                        providers, event_watcher, outgoing, worker_options);
  const quizzes::Statistics quiz_statistics(*database, clock, metrics);
  quizzes::StatisticsStreams quiz_streams(*database, quiz_statistics, clock,
                                          quiz_stream_limits(configuration.streams));
  reminders::ProgressStreams progress_streams(*database, clock);
  quizzes::TallyWriter tally_writer(*database, clock, metrics);
  Profiler profiler;
  Disk disk{{}, configuration.min_free_bytes};
  if (configuration.database_file) disk.folder = configuration.database_file->parent_path();
  jobs::JobGauges job_gauges(*database, clock, metrics);
  http::Routes routes = joined({operations_routes(*database, boards, metrics, job_gauges, disk),
                                profiler.table(), api_reference_routes()});
  if (configuration.role != Role::worker) {
    routes = http::with_preflights(
        joined({std::move(routes),
                audience::application_routes(*database, clock, issue_keys),
                audience::settings_routes(*database, clock, applications, providers, secrets,
                                          settings_changed),
                audience::audit_routes(*database),
                audience::user_info_routes(applications, users),
                audience::user_routes(*database, clock, applications,
                                      kept_of_users(trust, event_watcher)),
                bulletins::user_board_routes(boards, users, providers, clock),
                identity::key_routes(*database, keys, clock),
                identity::workspace_routes(*database, clock),
                identity::member_routes(*database, own_address, clock),
                identity::token_routes(*database, clock),
                identity::sign_in_routes(*database, sign_in, hasher, own_address, clock),
                identity::session_routes(*database, applications, trust, sessions),
                identity::login_routes(*database, applications, trust, line_login, own_address,
                                       login_pool, configuration.login_limit, clock),
                identity::person_routes(person_parts),
                configuration.dev ? identity::fake_person_routes(person_parts) : http::Routes{},
                identity::webhook_routes(*database, applications, secrets, clock),
                board_routes.table(),
                board_streams.table(),
                console_routes.table(),
                events::event_routes(*database, schedules, applications, event_watcher, clock),
                events::subscription_routes(*database, applications, event_watcher, clock),
                events::calendar_routes(*database, schedules, applications, own_address, clock),
                events::console_routes(*database, schedules, applications, event_watcher, clock),
                events::import_routes(*database, applications, event_watcher, outgoing, import_pool,
                                      clock),
                reminders::console_routes(*database, applications, clock),
                progress_streams.table(),
                quizzes::result_routes(tally_writer, quiz_statistics),
                quizzes::psycho_test_routes(*database, tally_writer, quiz_statistics, applications,
                                            clock),
                quizzes::console_routes(*database, clock),
                quiz_streams.table(),
                job_routes(*database, background.kinds(), Background::crons(), clock)}),
        page_headers);
  }
  if (demo_line) std::ranges::move(demo_page_routes(demo_line->url()), std::back_inserter(routes));
  if (only_routes) {
    print_routes(routes, std::cout);
    return 0;
  }
  http::Server server(configuration.server, std::move(routes), limited_gate, pool, clock, metrics);

  const RunningDatabase running(*database);
  const bulletins::ServedWriter served_writer(*database, boards.served());
  board_streams.start();
  quiz_streams.start();
  progress_streams.start();
  if (configuration.role != Role::http) background.start();
  server.start();
  if (demo_line) demo_line->connect(*database, secrets, server.port());
  if (configuration.role != Role::worker) show_setup_link(*database, settings, clock);
  std::cout << "listening on " << shown_address(configuration.server, server.port()) << std::endl;
  stop_signals.wait();
  log::info("draining");
  profiler.stop();
  server.stop();
  // Their connections are closed by now.
  login_pool.stop(http::WorkPool::Queued::drop);
  import_pool.stop(http::WorkPool::Queued::drop);
  pool.stop();
  background.stop();
  return 0;
}

}  // namespace callboard::app
