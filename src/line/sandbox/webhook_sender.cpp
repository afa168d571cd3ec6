#include "line/sandbox/webhook_sender.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "line/sandbox/options.hpp"
#include "line/webhook.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;

// Whoever runs a sandbox has the server beside it.
const std::vector<std::string> neighbours = {"127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12",
                                             "192.168.0.0/16"};

}  // namespace

WebhookSender::WebhookSender(std::string url, std::string channel_secret, const Clock& clock)
    : channel_secret_(std::move(channel_secret)),
      clock_(clock),
      outgoing_(neighbours),
      url_(std::move(url)),
      thread_([this] { run(); }) {}

WebhookSender::~WebhookSender() {
  stop();
  thread_.join();
}

void WebhookSender::send(std::string body, std::string signature) {
  if (signature.empty()) signature = webhook_signature(channel_secret_, body);
  const std::lock_guard lock(mutex_);
  kept_.push_back({.at = clock_.now(),
                   .url = url_,
                   .body = std::move(body),
                   .signature = std::move(signature),
                   .number = next_number_++});
  if (kept_.size() > max_kept_webhooks) kept_.pop_front();
  if (url_.empty()) {
    kept_.back().state = "no webhook URL is set";
    return;
  }
  queue_.push_back(kept_.back().number);
  if (queue_.size() > max_queued) queue_.pop_front();
  changed_.notify_all();
}

void WebhookSender::set_url(std::string url) {
  const std::lock_guard lock(mutex_);
  url_ = std::move(url);
}

http::OutgoingReply WebhookSender::post(const Sent& webhook) const {
  return outgoing_.send({.method = http::Method::post,
                         .url = webhook.url,
                         .headers = {{"Content-Type", "application/json; charset=utf-8"},
                                     {"x-line-signature", webhook.signature}},
                         .body = webhook.body,
                         .timeout = timeout});
}

void WebhookSender::record(std::uint64_t number, const http::OutgoingReply& reply) {
  const auto found = std::ranges::find(kept_, number, &Sent::number);
  if (found == kept_.end()) return;
  const bool answered = reply.outcome == http::OutgoingOutcome::answered;
  found->state = answered ? "sent" : std::string(http::name_of(reply.outcome));
  found->status = reply.status;
}

void WebhookSender::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const std::uint64_t number = queue_.front();
    queue_.pop_front();
    const auto found = std::ranges::find(kept_, number, &Sent::number);
    if (found == kept_.end()) continue;
    // A copy: what is kept may go while the lock is open.
    const auto webhook = std::make_unique<const Sent>(*found);
    lock.unlock();
    const http::OutgoingReply reply = post(*webhook);
    lock.lock();
    record(number, reply);
  }
}

std::string WebhookSender::shown() const {
  const std::lock_guard lock(mutex_);
  json::array all;
  for (const Sent& webhook : kept_) {
    all.push_back(json::object{{"at", rfc3339(webhook.at)},
                               {"url", webhook.url},
                               {"body", webhook.body},
                               {"signature", webhook.signature},
                               {"state", webhook.state},
                               {"status", webhook.status}});
  }
  return json::serialize(json::object{{"webhooks", std::move(all)}});
}

void WebhookSender::stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
}

}  // namespace callboard::line::sandbox
