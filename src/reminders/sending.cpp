#include "reminders/sending.hpp"

#include <boost/json.hpp>

#include "base/random.hpp"
#include "jobs/job_store.hpp"
#include "reminders/channel_store.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

namespace json = boost::json;

// A window, and as much as the clocks of two processes may differ.
constexpr std::chrono::milliseconds takeover_pause = SendWindow::length + std::chrono::seconds{2};

// What one look at a channel found.
struct Look {
  std::optional<ChannelHold> hold;
  std::vector<DueDelivery> due;
};

}  // namespace

void want_sender(db::Transaction& transaction, std::string_view channel_id, Timestamp now) {
  jobs::enqueue(transaction,
                {.kind = send_job,
                 .payload = json::serialize(json::object{{"channel_id", channel_id}}),
                 .max_attempts = jobs::no_last_attempt,
                 .unique_key = "sender/" + std::string(channel_id)},
                now);
}

Sending::Sending(const SendingParts& parts) : parts_(parts), name_(random_id()) {
  for (const auto endpoint : {endpoint::push, endpoint::multicast}) {
    sends_counted(parts.metrics, endpoint, "accepted");  // shown from the beginning
  }
}

jobs::Outcome Sending::run(jobs::JobContext& context) {
  const json::value payload = json::parse(context.job().payload);
  const std::string channel_id(payload.at("channel_id").as_string());
  SendWindows& windows = windows_of(channel_id);
  take_over(context, channel_id, windows);
  const auto next = send_due(context, channel_id, windows);
  parts_.database.write_and_wait([&](db::Transaction& transaction) {
    leave_channel(transaction, channel_id, name_, parts_.clock.now());
  });
  if (next) return jobs::outcome::Snoozed{*next};
  return jobs::outcome::Completed{};
}

SendWindows& Sending::windows_of(const std::string& channel_id) {
  const std::lock_guard lock(mutex_);
  auto& windows = windows_[channel_id];
  if (!windows) windows = std::make_unique<SendWindows>();
  return *windows;
}

void Sending::take_over(const jobs::JobContext& context, const std::string& channel_id,
                        SendWindows& windows) {
  bool others_sent = false;
  parts_.database.write_and_wait([&](db::Transaction& transaction) {
    context.hold(transaction);
    others_sent = take_channel(transaction, channel_id, name_, parts_.clock.now() - takeover_pause);
  });
  if (!others_sent) return;
  const MonotonicTime until = parts_.clock.monotonic() + SendWindow::length;
  windows.multicasts.close_until(until);
  windows.pushes.close_until(until);
}

std::optional<Timestamp> Sending::send_due(jobs::JobContext& context, const std::string& channel_id,
                                           SendWindows& windows) {
  while (!context.should_stop()) {
    const Timestamp now = parts_.clock.now();
    const Look look = parts_.database.get([&](db::Transaction& transaction) {
      return Look{find_hold(transaction, channel_id), due_deliveries(transaction, channel_id, now)};
    });
    if (look.hold && look.hold->until > now) return look.hold->until;
    if (look.due.empty()) return settle(context, channel_id);
    SendBatch batch(parts_, context, channel_id, windows);
    const bool goes_on = batch.send_all(look.due);
    if (look.hold && goes_on && batch.was_accepted()) {
      parts_.database.write_and_wait(
          [&](db::Transaction& transaction) { release_channel(transaction, channel_id); });
    }
  }
  return parts_.clock.now();
}

std::optional<Timestamp> Sending::settle(jobs::JobContext& context, const std::string& channel_id) {
  std::optional<Timestamp> next;
  parts_.database.write_and_wait([&](db::Transaction& transaction) {
    // Sends before jobs, as whoever wants a sender for one holds them.
    settle_sends(transaction, parts_.clock.now());
    context.hold(transaction);
    next = next_attempt_at(transaction, channel_id);
  });
  return next;
}

}  // namespace callboard::reminders
