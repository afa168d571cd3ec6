#pragma once

// A send whose time has come: whether it is sent at all, and then page by page who gets it. What is
// frozen is sent meanwhile, by another job. A job that dies goes on where the last page ended.
//
// Owned by app/; any thread; run() blocks. What is passed in outlives it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "jobs/work.hpp"
#include "line/client.hpp"
#include "reminders/page.hpp"
#include "reminders/quota.hpp"
#include "reminders/send.hpp"
#include "reminders/sending_parts.hpp"

namespace callboard::reminders {

// How soon a send that is held for want of quota looks again.
inline constexpr std::chrono::minutes held_pause{5};

class FanOut {
 public:
  FanOut(const SendingParts& parts, const audience::DataProviders& providers);

  // The job.
  jobs::Outcome run(jobs::JobContext& context);

 private:
  struct Frozen {
    std::size_t pages = 0;
    bool is_more = false;
  };
  // Of a channel's quota, for a send.
  struct SetAside {
    std::string channel_id;
    std::int64_t messages = 0;
  };

  // Nothing: its pages may begin, or go on.
  std::optional<jobs::Outcome> begin(const jobs::JobContext& context, const std::string& send_id,
                                     SetAside& set_aside);
  void decide(db::Transaction& transaction, Send& send, const audience::Application& application,
              bool is_held) const;
  bool lacks_quota(const Send& send, const audience::Application& application, SetAside& set_aside);
  void give_back(const std::string& send_id, const SetAside& set_aside);
  std::int64_t count_of_event(const std::string& send_id) const;
  std::int64_t count_at_most(const Send& send) const;
  std::int64_t count_wanted(const Send& send) const;
  Frozen freeze_pages(const jobs::JobContext& context, const std::string& send_id,
                      std::size_t most);
  Frozen freeze_next(db::Transaction& transaction, Send& send, std::size_t most) const;
  bool freeze_subscribers(db::Transaction& transaction, Send& send,
                          const audience::Application& application) const;
  bool freeze_audience(db::Transaction& transaction, Send& send,
                       const std::string& channel_id) const;
  void cancel(db::Transaction& transaction, Send& send, std::string_view reason) const;

  db::Database& database_;
  const audience::DataProviders& providers_;
  const audience::SecretBox& secrets_;
  const Clock& clock_;
  QuotaBook quota_;
  Counter& pages_;
  Histogram& lateness_;
};

}  // namespace callboard::reminders
