#include "reminders/send_batch.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "identity/identity.hpp"
#include "jobs/job.hpp"
#include "reminders/channel_store.hpp"
#include "reminders/message.hpp"
#include "reminders/page.hpp"
#include "reminders/send_store.hpp"
#include "reminders/sending.hpp"

namespace callboard::reminders {
namespace {

// A stop is noticed after it, at the latest.
constexpr std::chrono::milliseconds longest_nap{50};

}  // namespace

Counter& sends_counted(Metrics& metrics, std::string_view endpoint, std::string_view outcome) {
  return metrics.counter("callboard_line_sends_total", "Calls to LINE that send, by outcome",
                         {{"endpoint", std::string(endpoint)}, {"outcome", std::string(outcome)}});
}

bool SendBatch::send_all(const std::vector<DueDelivery>& due) {
  {
    std::vector<std::jthread> helpers;
    const std::size_t threads = std::min(due.size(), sends_at_once);
    for (std::size_t i = 1; i < threads; ++i) {
      helpers.emplace_back([&] { send_some(due); });
    }
    send_some(due);
  }
  if (failure_) std::rethrow_exception(failure_);
  return !is_over_;
}

void SendBatch::send_some(const std::vector<DueDelivery>& due) {
  try {
    while (!should_stop()) {
      const std::size_t place = next_.fetch_add(1);
      if (place >= due.size()) return;
      send(due[place]);
    }
  } catch (...) {
    is_over_ = true;
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
  }
}

// Its turn comes first: while it waits for that, what it is about may be moved or deleted, and then
// no attempt begins.
void SendBatch::send(const DueDelivery& due) {
  const auto sender = sender_of(due.app_id);
  MonotonicTime turn{};
  if (sender && !wait_for_turn(due, *sender, turn)) return;
  std::optional<Delivery> delivery;
  parts_.database.write_and_wait([&](db::Transaction& transaction) {
    context_.hold(transaction);
    delivery = begin_attempt(transaction, due.retry_key, parts_.clock.now());
  });
  if (!delivery) return;
  kill_point("send.begun");
  if (!sender) return hand_over(*delivery);
  if (!is_still_its_turn(*delivery, *sender, turn)) {
    // Nothing went out.
    parts_.database.write_and_wait([&](db::Transaction& transaction) {
      take_back(transaction, *delivery, channel_id_, parts_.clock.now());
    });
    return;
  }
  const line::SendOutcome outcome = call(*delivery, *sender);
  kill_point("send.answered");
  sends_counted(parts_.metrics, delivery->endpoint, line::name_of(outcome)).add();
  write_down(*delivery, outcome);
  kill_point("send.recorded");
}

SendWindow& SendBatch::window_of(std::string_view endpoint) {
  return endpoint == endpoint::push ? windows_.pushes : windows_.multicasts;
}

std::size_t SendBatch::limit_of(std::string_view endpoint, const Sender& sender) {
  return endpoint == endpoint::push ? pushes_per_second : sender.multicasts_per_second;
}

bool SendBatch::wait_for_turn(const DueDelivery& due, const Sender& sender, MonotonicTime& turn) {
  SendWindow& window = window_of(due.endpoint);
  while (!should_stop()) {
    if (parts_.clock.now() >= due.try_before) return true;
    turn = parts_.clock.monotonic();
    const auto wait = window.take(limit_of(due.endpoint, sender), turn);
    if (wait == std::chrono::nanoseconds{0}) return true;
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(wait, longest_nap));
  }
  return false;
}

bool SendBatch::is_still_its_turn(const Delivery& delivery, const Sender& sender,
                                  MonotonicTime turn) {
  if (should_stop() || parts_.clock.now() >= delivery.end_before) return false;
  SendWindow& window = window_of(delivery.endpoint);
  const MonotonicTime now = parts_.clock.monotonic();
  return window.renew(turn, now) ||
         window.take(limit_of(delivery.endpoint, sender), now) == std::chrono::nanoseconds{0};
}

line::SendOutcome SendBatch::call(const Delivery& delivery, const Sender& sender) const {
  if (delivery.endpoint == endpoint::push) {
    return parts_.client.push(sender.channel, delivery.body, delivery.retry_key);
  }
  return parts_.client.multicast(sender.channel, delivery.body, delivery.retry_key);
}

// Nothing: the application is gone or sends by another channel now.
std::optional<SendBatch::Sender> SendBatch::sender_of(const std::string& app_id) {
  const std::lock_guard lock(mutex_);
  if (const auto known = senders_.find(app_id); known != senders_.end()) return known->second;
  std::optional<Sender> sender;
  const auto application = parts_.applications.get(app_id);
  if (application != nullptr && channel_id_of(*application) == channel_id_) {
    sender = {identity::line_channel_of(*application, parts_.secrets),
              application->settings.reminders.multicasts_per_second};
  }
  return senders_.emplace(app_id, std::move(sender)).first->second;
}

// What nobody tried yet goes out by the application's new channel; what was tried by this one must
// not be sent by another.
void SendBatch::hand_over(const Delivery& delivery) {
  const auto application = parts_.applications.get(delivery.app_id);
  const std::string channel_id = application == nullptr ? "" : channel_id_of(*application);
  parts_.database.write_and_wait([&](db::Transaction& transaction) {
    const Timestamp now = parts_.clock.now();
    if (channel_id.empty() || delivery.in_doubt) {
      end_attempt(transaction, delivery,
                  delivery.in_doubt ? delivery_state::unknown : delivery_state::cancelled,
                  "the application has no such channel any more", "", now);
    } else if (take_back(transaction, delivery, channel_id, now)) {
      want_sender(transaction, channel_id, now);
    }
  });
}

void SendBatch::write_down(const Delivery& delivery, const line::SendOutcome& outcome) {
  const Timestamp now = parts_.clock.now();
  const Verdict verdict =
      judge(outcome, {delivery.attempts, delivery.in_doubt, delivery.end_before}, now,
            pause_after(delivery.attempts));
  if (const auto* ended = std::get_if<verdict::Ended>(&verdict);
      ended != nullptr && ended->state == delivery_state::accepted) {
    was_accepted_ = true;
  }
  if (const auto* hold = std::get_if<verdict::Hold>(&verdict)) {
    is_over_ = true;
    log::error("line_channel_held", {{"channel", channel_id_},
                                     {"app", delivery.app_id},
                                     {"reason", hold->reason},
                                     {"why", hold->message}});
  }
  parts_.database.write_and_wait(
      [&](db::Transaction& transaction) { apply(transaction, delivery, verdict); });
}

void SendBatch::apply(db::Transaction& transaction, const Delivery& delivery,
                      const Verdict& verdict) const {
  const Timestamp now = parts_.clock.now();
  if (const auto* ended = std::get_if<verdict::Ended>(&verdict)) {
    end_attempt(transaction, delivery, ended->state, ended->message, ended->request_id, now);
  } else if (const auto* again = std::get_if<verdict::Again>(&verdict)) {
    postpone(transaction, delivery, again->at, again->in_doubt, again->message);
  } else if (const auto* refrozen = std::get_if<verdict::Refreeze>(&verdict)) {
    refreeze(transaction, delivery, refrozen->rejected, refrozen->message, now);
  } else if (const auto* hold = std::get_if<verdict::Hold>(&verdict)) {
    const Timestamp until = now + scaled(hold->rest);
    postpone(transaction, delivery, now, delivery.in_doubt, hold->message);
    hold_channel(transaction, channel_id_, hold->reason, until, now);
  }
  transaction.announce(delivery.app_id, send_change, delivery.send_id);
}

std::chrono::milliseconds SendBatch::pause_after(std::int64_t attempt) const {
  constexpr jobs::RetryPolicy policy{first_retry_pause, longest_retry_pause, 0.3};
  return scaled(policy.pause_after(attempt, random_fraction()));
}

std::chrono::milliseconds SendBatch::scaled(std::chrono::milliseconds pause) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(pause * parts_.backoff_scale);
}

}  // namespace callboard::reminders
