#include "line/sandbox/sandbox.hpp"

#include <iostream>

#include "app/commands.hpp"
#include "app/configuration.hpp"
#include "app/stop_signals.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "line/message_limits.hpp"

namespace callboard::app {
namespace {

using line::sandbox::Options;
using line::sandbox::Person;

void set_if_given(std::string& option, const std::string& given) {
  if (!given.empty()) option = given;
}

// As `serve` reads it.
http::ServerOptions server_options(const std::string& listen) {
  Settings settings;
  settings.set_flag("listen", listen);
  return configuration_of(settings).server;
}

Person person_of(const std::string& text) {
  const std::size_t colon = text.find(':');
  Person person{.user_id = text.substr(0, colon), .name = {}};
  if (!line::is_line_user_id(person.user_id) || colon == text.npos) {
    throw Error(ErrorCode::invalid, "--user must be ID:NAME, and an id is U and 32 of 0-9a-f");
  }
  person.name = text.substr(colon + 1);
  return person;
}

bool is_es256(const std::string& algorithm) {
  if (algorithm != "HS256" && algorithm != "ES256") {
    throw Error(ErrorCode::invalid, "--id-token-alg must be HS256 or ES256");
  }
  return algorithm == "ES256";
}

Options options_of(const LineSandboxRequest& request) {
  Options options;
  set_if_given(options.channel_id, request.channel_id);
  set_if_given(options.channel_secret, request.channel_secret);
  set_if_given(options.messaging_channel_secret, request.messaging_secret);
  set_if_given(options.access_token, request.access_token);
  options.webhook_url = request.webhook_url;
  options.monthly_limit = request.monthly_limit;
  options.signs_with_es256 = is_es256(request.id_token_algorithm);
  options.seed = request.seed;
  for (const std::string& text : request.faults) {
    options.faults.push_back(line::sandbox::fault_of_text(text));
  }
  for (const std::string& text : request.users) options.people.push_back(person_of(text));
  options.server = server_options(request.listen);
  return options;
}

}  // namespace

int line_sandbox(const LineSandboxRequest& request) {
  log::configure(log::Level::warning, log::Format::json);
  const StopSignals stop_signals;
  const SystemClock clock(std::chrono::seconds{request.clock_offset_s});
  line::sandbox::Sandbox sandbox(options_of(request), clock);
  sandbox.start();
  std::cout << "listening on " << sandbox.base_url() << std::endl;
  stop_signals.wait();
  sandbox.stop();
  return 0;
}

}  // namespace callboard::app
