#pragma once

// A server that stands in for LINE, for developers, tests and demos without a network: login,
// messages, webhooks back, and the faults it is told to have (docs/line.md). What it was sent it
// keeps in memory, bounded, until it ends. Owned by app/; start() and stop() are idempotent.
// `options.server` says where it listens; everything else of it has the server's defaults.

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "line/channel.hpp"
#include "line/sandbox/options.hpp"

namespace callboard::line::sandbox {

class Sandbox {
 public:
  Sandbox(Options options, const Clock& clock);
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // Throws Error{unavailable} where it can't listen.
  void start();
  void stop();
  std::uint16_t port() const;
  std::string base_url() const;  // "http://127.0.0.1:8100"
  // The channel it plays, at its own address: for an application's settings.
  Channel channel() const;
  // Where it sends webhooks from now on; empty: nowhere.
  void send_webhooks_to(std::string url);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callboard::line::sandbox
