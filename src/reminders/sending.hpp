#pragma once

// Sends what is frozen: one job for each channel, so that one process at a time makes its calls and
// LINE's limit holds however many nodes there are. Each attempt is on record before its first byte
// leaves, and its outcome decides what follows (attempt.hpp).
//
// Owned by app/; any thread; run() blocks. What is passed in outlives it.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "jobs/job.hpp"
#include "jobs/work.hpp"
#include "reminders/send_batch.hpp"

namespace callboard::reminders {

// Its payload is {"channel_id"}.
inline constexpr jobs::JobKind send_job{"reminders.send", "sending"};
// There is something to be sent by that channel. The job is the server's own: applications may
// share a channel.
void want_sender(db::Transaction& transaction, std::string_view channel_id, Timestamp now);

inline constexpr std::size_t sends_at_once = 16;         // calls of one channel that wait for LINE
inline constexpr std::size_t pushes_per_second = 1'800;  // LINE allows 2,000

class Sending {
 public:
  explicit Sending(const SendingParts& parts);

  // The job.
  jobs::Outcome run(jobs::JobContext& context);

 private:
  SendWindows& windows_of(const std::string& channel_id);
  void take_over(const jobs::JobContext& context, const std::string& channel_id,
                 SendWindows& windows);
  // When it is to go on; nothing: there is nothing left to do.
  std::optional<Timestamp> send_due(jobs::JobContext& context, const std::string& channel_id,
                                    SendWindows& windows);
  std::optional<Timestamp> settle(jobs::JobContext& context, const std::string& channel_id);

  const SendingParts parts_;
  const std::string name_;  // of this process, and no other
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<SendWindows>> windows_;  // guarded by mutex_; by channel
};

}  // namespace callboard::reminders
