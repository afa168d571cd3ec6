#include "identity/webhook_events.hpp"

#include <boost/json.hpp>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "base/kill_point.hpp"
#include "identity/line_account.hpp"
#include "line/webhook.hpp"

namespace callboard::identity {

jobs::Outcome WebhookEvents::run(jobs::JobContext& context) const {
  const jobs::Job& job = context.job();
  const boost::json::value payload = boost::json::parse(job.payload);
  const std::string id(payload.at("webhook_event_id").as_string());
  const auto finish = [&](db::Transaction& transaction) {
    finish_webhook_event(transaction, job.app_id, id, clock_.now());
  };
  try {
    database_.write_and_wait([&](db::Transaction& transaction) {
      context.finish(transaction);
      const auto event = find_webhook_event(transaction, job.app_id, id);
      if (!event) return;
      apply(transaction, job.app_id, *event);
      kill_point("webhook.applied");
      finish(transaction);
    });
  } catch (const Error& error) {
    const bool is_last = job.attempt >= job.max_attempts || !jobs::is_worth_retrying(error.code());
    if (is_last) database_.write_and_wait(finish);
    throw;
  } catch (...) {
    if (job.attempt >= job.max_attempts) database_.write_and_wait(finish);
    throw;
  }
  return jobs::outcome::Finished{};
}

void WebhookEvents::apply(db::Transaction& transaction, const std::string& app_id,
                          const std::string& text) const {
  const line::WebhookEvent event = line::parse_webhook_event(text);
  if (!audience::is_user_id(event.user_id)) return;
  if (event.type == "follow" || event.type == "unfollow") {
    set_blocked(transaction, app_id, event.user_id, event.type == "unfollow", event.timestamp,
                clock_.now());
  } else if (event.type == "postback" && event.postback) {
    postback_(transaction, app_id, event.user_id, *event.postback);
  }
}

}  // namespace callboard::identity
