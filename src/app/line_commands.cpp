#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "app/command_context.hpp"
#include "app/command_group.hpp"
#include "app/configuration.hpp"
#include "app/operator_commands.hpp"
#include "app/secret_box.hpp"
#include "base/error.hpp"
#include "line/message_limits.hpp"
#include "reminders/reminders.hpp"

namespace callboard::app {
namespace {

struct Options {
  std::string app_id, user_id, event_id;
  bool as_json = false;
};

// What LINE said, for people.
struct Shown {
  boost::json::object operator()(const line::outcome::Accepted& accepted) const {
    return {{"request_id", accepted.request_id}};
  }
  boost::json::object operator()(const line::outcome::AcceptedBefore& accepted) const {
    return {{"request_id", accepted.request_id}};
  }
  boost::json::object operator()(const line::outcome::Rejected& rejected) const {
    boost::json::array details;
    for (const line::FailureDetail& detail : rejected.details) {
      details.push_back({{"property", detail.property}, {"message", detail.message}});
    }
    return {{"status", rejected.status}, {"message", rejected.message}, {"details", details}};
  }
  boost::json::object operator()(const line::outcome::Unauthorized& denied) const {
    return {{"message", denied.message}};
  }
  boost::json::object operator()(const line::outcome::Retry& retry) const {
    return {{"message", retry.reason}};
  }
  template <class Other>
  boost::json::object operator()(const Other&) const {
    return {};
  }
};

int send_test(const Settings& settings, const Options& options) {
  if (!line::is_line_user_id(options.user_id)) {
    throw Error(ErrorCode::invalid, "--user must be a LINE user id: U and 32 hexadecimal digits");
  }
  CommandContext context(settings);
  const Configuration configuration = configuration_of(settings);
  std::optional<audience::Application> application;
  std::optional<events::Event> event;
  context.database().read([&](db::Transaction& transaction) {
    application = require_application(transaction, options.app_id);
    event = events::find_event(transaction, options.app_id, options.event_id);
  });
  if (!event) throw Error(ErrorCode::not_found, "there is no event " + options.event_id);
  const auto secrets = secret_box(server_key_of(settings, context.database()));
  const http::OutgoingClient outgoing(configuration.outgoing_allow);
  const line::Client client(outgoing, context.clock());
  const auto outcome = reminders::send_test(client, *application, secrets, *event, options.user_id);
  boost::json::object shown{{"outcome", line::name_of(outcome)}};
  for (auto& [name, value] : std::visit(Shown{}, outcome)) shown[name] = value;
  show(shown, options.as_json);
  return std::holds_alternative<line::outcome::Accepted>(outcome) ? 0 : 1;
}

}  // namespace

void add_line_commands(CLI::App& cli, const AddCommand& add) {
  const CommandGroup<Options> command(cli, "line", "LINE: send-test", add);
  Options& options = command.options();
  CLI::App& sending =
      command("send-test", "Send one person the reminder of an event, now", send_test);
  sending.add_option("--app", options.app_id, "the application")->required();
  sending.add_option("--user", options.user_id, "a LINE user id")->required();
  sending.add_option("--event", options.event_id, "the application's event")->required();
}

}  // namespace callboard::app
