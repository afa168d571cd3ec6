#pragma once

// Some deliveries of one channel, sent several at a time. Lives on the stack of the job's thread;
// send_all() blocks until all of them have an outcome that is written down, or are left for later.

#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "jobs/work.hpp"
#include "line/client.hpp"
#include "reminders/attempt.hpp"
#include "reminders/delivery.hpp"
#include "reminders/send_window.hpp"
#include "reminders/sending_parts.hpp"

namespace callboard::reminders {

// One for each endpoint.
struct SendWindows {
  SendWindow multicasts, pushes;
};

// `outcome`: line::name_of() it.
Counter& sends_counted(Metrics& metrics, std::string_view endpoint, std::string_view outcome);

class SendBatch {
 public:
  SendBatch(const SendingParts& parts, const jobs::JobContext& context, std::string channel_id,
            SendWindows& windows)
      : parts_(parts), context_(context), channel_id_(std::move(channel_id)), windows_(windows) {}

  // Whether LINE took something of it.
  bool was_accepted() const { return was_accepted_; }
  // False: LINE takes nothing from the channel for now. What a thread failed of is thrown when all
  // have ended.
  bool send_all(const std::vector<DueDelivery>& due);

 private:
  // By whom, and how often in a second.
  struct Sender {
    line::Channel channel;
    std::size_t multicasts_per_second = 0;
  };

  void send_some(const std::vector<DueDelivery>& due);
  void send(const DueDelivery& due);
  // True: a place in the window was taken at `turn`, or its time is over; false: stopped.
  bool wait_for_turn(const DueDelivery& due, const Sender& sender, MonotonicTime& turn);
  // Whether the call may be made now, though what came between took its time.
  bool is_still_its_turn(const Delivery& delivery, const Sender& sender, MonotonicTime turn);
  static std::size_t limit_of(std::string_view endpoint, const Sender& sender);
  SendWindow& window_of(std::string_view endpoint);
  line::SendOutcome call(const Delivery& delivery, const Sender& sender) const;
  std::optional<Sender> sender_of(const std::string& app_id);
  void hand_over(const Delivery& delivery);
  void write_down(const Delivery& delivery, const line::SendOutcome& outcome);
  void apply(db::Transaction& transaction, const Delivery& delivery, const Verdict& verdict) const;
  std::chrono::milliseconds pause_after(std::int64_t attempt) const;
  std::chrono::milliseconds scaled(std::chrono::milliseconds pause) const;
  bool should_stop() const { return is_over_.load() || context_.should_stop(); }

  const SendingParts& parts_;
  const jobs::JobContext& context_;
  const std::string channel_id_;
  SendWindows& windows_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> was_accepted_{false};
  std::atomic<bool> is_over_{false};  // nothing more goes out: a hold, or a failure
  std::mutex mutex_;
  std::exception_ptr failure_;                            // guarded by mutex_
  std::map<std::string, std::optional<Sender>> senders_;  // guarded by mutex_; by application
};

}  // namespace callboard::reminders
