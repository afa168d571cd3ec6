#pragma once

// How many messages a channel may still send this month, as LINE says and as was frozen since it
// was asked: LINE answers sixty such questions an hour
// (https://developers.line.biz/en/reference/messaging-api/#rate-limits). Owned by app/; any thread;
// blocks where it must ask.

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "line/client.hpp"

namespace callboard::reminders {

class QuotaBook {
 public:
  static constexpr std::chrono::seconds memory{150};

  QuotaBook(const line::Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  // Nothing: there is no limit, or LINE did not say.
  std::optional<std::int64_t> left(const std::string& channel_id, const line::Channel& channel);
  // So many are about to be sent.
  void spend(const std::string& channel_id, std::int64_t messages);

 private:
  struct Known {
    std::optional<std::int64_t> left;
    MonotonicTime asked_at;
  };

  const line::Client& client_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // guarded by mutex_; by channel
};

}  // namespace callboard::reminders
