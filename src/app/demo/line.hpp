#pragma once

// The demo's LINE: a stand-in beside the server, whose channel the application `demo` has, so that
// people can log in without a network. It forgets everything when it ends.

#include <cstdint>
#include <string>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "http/server.hpp"
#include "line/sandbox/sandbox.hpp"

namespace callboard::app {

class DemoLine {
 public:
  // Listens at once: at the port after the server's own or, where that is taken, at any.
  DemoLine(const http::ServerOptions& server, const Clock& clock);

  // For browsers.
  std::string url() const { return sandbox_.base_url(); }
  const std::string& address() const { return address_; }
  // Gives the application the stand-in's channel, unless an operator gave it another one. The
  // server listens at `port`, for the webhook.
  void connect(db::Database& database, const audience::SecretBox& secrets, std::uint16_t port);

 private:
  line::sandbox::Sandbox sandbox_;
  const std::string address_;
  const Clock& clock_;
};

}  // namespace callboard::app
