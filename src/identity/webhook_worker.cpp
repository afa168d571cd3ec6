#include "identity/webhook_worker.hpp"

#include <exception>
#include <utility>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "identity/line_account.hpp"
#include "line/webhook.hpp"

namespace callboard::identity {
namespace {

std::string why(std::exception_ptr failure) {
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const Error& error) {
    return error.private_detail().empty() ? error.message() : error.private_detail();
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace

WebhookWorker::WebhookWorker(db::Database& database, Postback postback, const Clock& clock,
                             Metrics& metrics)
    : database_(database),
      postback_(std::move(postback)),
      clock_(clock),
      done_(metrics.counter("callboard_line_webhook_events_total",
                            "Events of LINE's webhook that were worked off, by outcome",
                            {{"outcome", "done"}})),
      failed_(metrics.counter("callboard_line_webhook_events_total",
                              "Events of LINE's webhook that were worked off, by outcome",
                              {{"outcome", "failed"}})) {}

WebhookWorker::~WebhookWorker() {
  stop();
}

void WebhookWorker::start() {
  if (thread_.joinable()) return;
  stopping_ = false;
  has_work_ = true;  // of an earlier run
  thread_ = std::thread([this] { run(); });
}

void WebhookWorker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void WebhookWorker::wake() {
  {
    const std::lock_guard lock(mutex_);
    has_work_ = true;
  }
  wake_.notify_one();
}

void WebhookWorker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, look_interval, [this] { return stopping_ || has_work_; });
    if (stopping_) return;
    has_work_ = false;
    lock.unlock();
    work_off();
    lock.lock();
  }
}

void WebhookWorker::work_off() {
  try {
    while (work_off_one()) {
    }
  } catch (...) {
    log::warning("webhook_events_wait", {{"why", why(std::current_exception())}});
  }
}

// False: nothing is left for now.
bool WebhookWorker::work_off_one() {
  KeptWebhookEvent kept;
  bool is_there = false;
  try {
    database_.write_and_wait([&](db::Transaction& transaction) {
      is_there = take_webhook_event(transaction, kept, clock_.now());
      if (!is_there) return;
      apply(transaction, kept);
      finish_webhook_event(transaction, kept, clock_.now());
    });
  } catch (...) {
    if (!is_there) throw;
    log::warning("webhook_event_failed", {{"app", kept.app_id},
                                          {"webhook_event_id", kept.webhook_event_id},
                                          {"why", why(std::current_exception())}});
    give_up_or_postpone(kept);
    return true;
  }
  if (is_there) done_.add();
  return is_there;
}

void WebhookWorker::give_up_or_postpone(const KeptWebhookEvent& kept) {
  const bool is_last = kept.attempts >= max_attempts;
  const Timestamp later = clock_.now() + retry_pause * (1 << (kept.attempts - 1));
  database_.write_and_wait([&](db::Transaction& transaction) {
    is_last ? finish_webhook_event(transaction, kept, clock_.now())
            : postpone_webhook_event(transaction, kept, later);
  });
  if (is_last) failed_.add();
}

void WebhookWorker::apply(db::Transaction& transaction, const KeptWebhookEvent& kept) {
  const line::WebhookEvent event = line::parse_webhook_event(kept.event);
  if (!audience::is_user_id(event.user_id)) return;
  if (event.type == "follow" || event.type == "unfollow") {
    set_blocked(transaction, kept.app_id, event.user_id, event.type == "unfollow", event.timestamp,
                clock_.now());
  } else if (event.type == "postback" && event.postback) {
    postback_(transaction, kept.app_id, event.user_id, *event.postback);
  }
}

}  // namespace callboard::identity
