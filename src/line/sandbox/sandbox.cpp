#include "line/sandbox/sandbox.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/metrics.hpp"
#include "http/server.hpp"
#include "http/work_pool.hpp"
#include "line/sandbox/routes.hpp"
#include "line/sandbox/state.hpp"

namespace callboard::line::sandbox {
namespace {

constexpr std::size_t work_threads = 4, work_queue = 4096;

// Whoever is to be let in the handlers decide, as LINE does.
class OpenGate final : public http::Gate {
 public:
  bool admit_from_memory(const http::Route&, http::Request&) override { return true; }
  void admit_blocking(const http::Route&, http::Request&) override {}
  bool allows_origin(const http::Request&, std::string_view) override { return false; }
};

http::Routes routes_of(State& state) {
  http::Routes all;
  for (http::Routes& table : std::array{authorize_routes(state), login_routes(state),
                                        messaging_routes(state), control_routes(state)}) {
    std::ranges::move(table, std::back_inserter(all));
  }
  return all;
}

}  // namespace

class Sandbox::Impl {
 public:
  Impl(Options options, const Clock& clock)
      : state(options, clock),
        pool(work_threads, work_queue, metrics),
        server(options.server, routes_of(state), gate, pool, clock, metrics) {}

  void start() { server.start(); }
  void stop() {
    state.delayed.stop();
    server.stop();
    pool.stop();
    state.webhooks.stop();
  }

  State state;
  OpenGate gate;
  Metrics metrics;
  http::WorkPool pool;
  http::Server server;
};

Sandbox::Sandbox(Options options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

Sandbox::~Sandbox() {
  stop();
}

void Sandbox::start() {
  impl_->start();
}

void Sandbox::stop() {
  impl_->stop();
}

std::uint16_t Sandbox::port() const {
  return impl_->server.port();
}

std::string Sandbox::base_url() const {
  const std::string& address = impl_->state.options.server.address;
  const bool is_v6 = address.find(':') != std::string::npos;
  return "http://" + (is_v6 ? '[' + address + ']' : address) + ':' + std::to_string(port());
}

Channel Sandbox::channel() const {
  const Options& options = impl_->state.options;
  return {.channel_id = options.channel_id,
          .channel_secret = options.channel_secret,
          .messaging_channel_secret = options.messaging_channel_secret,
          .channel_access_token = options.access_token,
          .api_base_url = base_url(),
          .access_base_url = base_url()};
}

void Sandbox::send_webhooks_to(std::string url) {
  impl_->state.webhooks.set_url(std::move(url));
}

}  // namespace callboard::line::sandbox
