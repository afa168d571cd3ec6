#pragma once

// Works off what LINE told us, one event a transaction: who blocked the account or came back, and
// which button of a message was pressed. An event that fails is tried again some times, later each
// time, and holds up nobody else's.
//
// Owned by app/; a thread of its own between start() and stop(), both idempotent. Several nodes may
// run one each.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "identity/webhook_inbox.hpp"

namespace callboard::identity {

class WebhookWorker {
 public:
  static constexpr std::int64_t max_attempts = 5;
  // After the first failure; twice as long after each further one.
  static constexpr std::chrono::seconds retry_pause{5};
  // What another node took and lost is found by looking, and so is what failed.
  static constexpr std::chrono::seconds look_interval{5};

  // What a postback means to others; a step of the event's transaction.
  using Postback = std::function<void(db::Transaction&, std::string_view app_id,
                                      std::string_view user_id, std::string_view data)>;

  WebhookWorker(db::Database& database, Postback postback, const Clock& clock, Metrics& metrics);
  ~WebhookWorker();
  WebhookWorker(const WebhookWorker&) = delete;
  WebhookWorker& operator=(const WebhookWorker&) = delete;

  void start();
  void stop();
  // There is something new.
  void wake();
  // Works off what is there now, on the calling thread.
  void work_off();

 private:
  void run();
  bool work_off_one();
  void apply(db::Transaction& transaction, const KeptWebhookEvent& kept);
  void give_up_or_postpone(const KeptWebhookEvent& kept);

  db::Database& database_;
  const Postback postback_;
  const Clock& clock_;
  Counter& done_;
  Counter& failed_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool has_work_ = false;  // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace callboard::identity
