#pragma once

// The webhooks that the sandbox sends, on a thread of its own, in order, rightly signed unless a
// test wants otherwise. Each is sent once; what was answered is kept. Owned by Sandbox; any thread.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "http/outgoing.hpp"

namespace callboard::line::sandbox {

class WebhookSender {
 public:
  static constexpr std::size_t max_queued = 1000;            // the oldest goes unsent
  static constexpr std::chrono::milliseconds timeout{2000};  // LINE's

  // `url`: empty, none is sent, but each is kept.
  WebhookSender(std::string url, std::string channel_secret, const Clock& clock);
  ~WebhookSender();
  WebhookSender(const WebhookSender&) = delete;
  WebhookSender& operator=(const WebhookSender&) = delete;

  // `signature`: in place of the right one, where it is not empty.
  void send(std::string body, std::string signature = {});
  // From now on, to another address.
  void set_url(std::string url);
  // {"webhooks":[{"at","url","body","signature","state","status"}]}; `state` is "queued", "sent" or
  // how it failed, `status` what the receiver answered.
  std::string shown() const;
  // Lets the one under way end, and drops the rest. Idempotent.
  void stop();

 private:
  struct Sent {
    Timestamp at;
    std::string url, body, signature;
    std::string state = "queued";
    int status = 0;
    std::uint64_t number = 0;
  };

  void run();
  http::OutgoingReply post(const Sent& webhook) const;
  void record(std::uint64_t number, const http::OutgoingReply& reply);

  const std::string channel_secret_;
  const Clock& clock_;
  const http::OutgoingClient outgoing_;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::string url_;
  std::deque<Sent> kept_;
  std::deque<std::uint64_t> queue_;  // numbers of those in kept_
  std::uint64_t next_number_ = 1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace callboard::line::sandbox
