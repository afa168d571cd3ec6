#include "app/demo/line.hpp"

#include "app/demo/fill.hpp"
#include "base/error.hpp"

namespace callboard::app {
namespace {

constexpr std::uint16_t last_port = 65'535;

// An address that stands for all of the machine's is none that a browser can be sent to.
std::string reachable(const std::string& address) {
  return address == "0.0.0.0" || address == "::" ? "127.0.0.1" : address;
}

line::sandbox::Options options_for(const http::ServerOptions& server) {
  line::sandbox::Options options;
  options.server.address = reachable(server.address);
  options.server.threads = 1;
  options.server.port = 0;
  if (server.port == 0 || server.port == last_port) return options;
  http::ServerOptions beside = options.server;
  beside.port = static_cast<std::uint16_t>(server.port + 1);
  try {
    http::check_can_listen(beside);
    options.server.port = beside.port;
  } catch (const Error&) {
    // Any free port will do.
  }
  return options;
}

audience::LineSettings settings_of(const line::Channel& channel,
                                   const audience::SecretBox& secrets) {
  const auto sealed = [&](const char* member, const std::string& secret) {
    return secrets.seal(audience::line_secret_context(demo_app, member), secret);
  };
  return {
      .channel_id = channel.channel_id,
      .sealed_channel_secret = sealed("channel_secret", channel.channel_secret),
      .messaging_channel_id = channel.messaging_channel_id,
      .sealed_messaging_channel_secret =
          sealed("messaging_channel_secret", channel.messaging_channel_secret),
      .sealed_channel_access_token = sealed("channel_access_token", channel.channel_access_token),
      .api_base_url = channel.api_base_url,
      .access_base_url = channel.access_base_url,
      .issuer = channel.issuer};
}

}  // namespace

DemoLine::DemoLine(const http::ServerOptions& server, const Clock& clock)
    : sandbox_(options_for(server), clock), address_(reachable(server.address)), clock_(clock) {
  sandbox_.start();
}

void DemoLine::connect(db::Database& database, const audience::SecretBox& secrets,
                       std::uint16_t port) {
  const line::Channel channel = sandbox_.channel();
  database.write_and_wait([&](db::Transaction& transaction) {
    audience::lock_settings(transaction, demo_app);
    const auto application = audience::find_application(transaction, demo_app);
    if (!application) return;
    audience::AppSettings settings = application->settings;
    const std::string& own = settings.line.channel_id;
    if (!own.empty() && own != channel.channel_id) return;
    settings.line = settings_of(channel, secrets);
    audience::update_settings(transaction, demo_app, settings, clock_.now());
  });
  const bool is_v6 = address_.find(':') != std::string::npos;
  sandbox_.send_webhooks_to("http://" + (is_v6 ? '[' + address_ + ']' : address_) + ':' +
                            std::to_string(port) + "/line/webhook/" + std::string(demo_app));
}

}  // namespace callboard::app
