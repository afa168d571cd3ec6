#pragma once

// Works off what LINE told us, one event a job: who blocked the account or came back, and which
// button of a message was pressed. What an event changes and its being done are one transaction.
//
// Owned by app/; any thread; run() blocks. What is passed in outlives it.

#include <functional>
#include <string_view>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "identity/webhook_inbox.hpp"
#include "jobs/work.hpp"

namespace callboard::identity {

class WebhookEvents {
 public:
  // What a postback means to others; a step of the event's transaction.
  using Postback = std::function<void(db::Transaction&, std::string_view app_id,
                                      std::string_view user_id, std::string_view data)>;

  WebhookEvents(db::Database& database, Postback postback, const Clock& clock)
      : database_(database), postback_(std::move(postback)), clock_(clock) {}

  // The job. Throws what the event failed of; after its last attempt the event is forgotten.
  jobs::Outcome run(jobs::JobContext& context) const;

 private:
  void apply(db::Transaction& transaction, const std::string& app_id,
             const std::string& event) const;

  db::Database& database_;
  const Postback postback_;
  const Clock& clock_;
};

}  // namespace callboard::identity
