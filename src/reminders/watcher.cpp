#include "reminders/watcher.hpp"

#include <algorithm>
#include <optional>

#include "audience/audience.hpp"
#include "base/kill_point.hpp"
#include "jobs/job_store.hpp"
#include "reminders/message.hpp"
#include "reminders/page.hpp"
#include "reminders/planning.hpp"
#include "reminders/send_store.hpp"
#include "reminders/sending.hpp"

namespace callboard::reminders {
namespace {

audience::Application application_of(db::Transaction& transaction, std::string_view app_id) {
  auto application = audience::find_application(transaction, app_id);
  if (!application) throw Error(ErrorCode::not_found, "there is no such application");
  return *std::move(application);
}

// A reminder of the event as it is that has begun, the one nearest to its start.
std::optional<Send> begun(const std::vector<Send>& sends, const events::Event& event) {
  std::optional<Send> nearest;
  for (const Send& send : sends) {
    const bool has_begun = send.state == SendState::paging || send.state == SendState::sending ||
                           send.state == SendState::done;
    if (send.kind != SendKind::reminder || !has_begun || send.version != event.version ||
        send.subject_made_at != event.created_at) {
      continue;
    }
    if (!nearest || send.lead < nearest->lead) nearest = send;
  }
  return nearest;
}

}  // namespace

void Watcher::event_written(db::Transaction& transaction, const events::EventKey& key,
                            const events::Event& after, const events::Event* before) const {
  const Timestamp now = clock_.now();
  const auto settings = application_of(transaction, key.app_id).settings.reminders;
  plan(transaction, key, after, settings, now);
  if (settings.moved_notice && before != nullptr && before->version != after.version) {
    plan_notice(transaction, key, after, now);
  }
  kill_point("event.planned");
}

void Watcher::event_erased(db::Transaction& transaction, const events::EventKey& key) const {
  cancel_plan(transaction, key, clock_.now());
}

void Watcher::private_copies_adopted(db::Transaction& transaction, std::string_view app_id,
                                     std::string_view event_id) const {
  for (const Send& send : hold_private_sends(transaction, app_id, event_id)) {
    end_send(transaction, send, SendState::cancelled, reason::adopted, clock_.now());
  }
}

void Watcher::subscribing(db::Transaction& transaction, const events::EventKey& key) const {
  share_sends_of(transaction, key);
}

void Watcher::subscribed(db::Transaction& transaction, const events::EventKey& key,
                         const events::Event&, std::string_view user_id) const {
  const Timestamp now = clock_.now();
  const auto sends = share_sends_of(transaction, key);
  // As it is by now: it may have been moved before those were held.
  const auto event = events::find_event(transaction, key.app_id, key.event_id, key.owner_id);
  if (!event || event->content.start <= now) return;
  auto send = begun(sends, *event);
  if (!send) return;
  const auto application = application_of(transaction, key.app_id);
  const Message message{channel_id_of(application),
                        messages_for(send->kind, *event, application.settings)};
  const auto quiet = quiet_mode(application.settings, now);
  if (message.channel_id.empty() || quiet == audience::QuietHours::Mode::skip) return;
  send->is_silent = quiet.has_value();
  if (freeze_one(transaction, *send, user_id, message, now)) {
    want_sender(transaction, message.channel_id, now);
    kill_point("subscribe.frozen");
  }
}

}  // namespace callboard::reminders
