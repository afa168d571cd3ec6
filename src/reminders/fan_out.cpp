#include "reminders/fan_out.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "events/events.hpp"
#include "identity/identity.hpp"
#include "line/message_limits.hpp"
#include "reminders/message.hpp"
#include "reminders/push.hpp"
#include "reminders/send_store.hpp"
#include "reminders/sending.hpp"

namespace callboard::reminders {
namespace {

// The first pages go out one by one, so that calls begin soon; those after them share commits.
constexpr std::size_t first_pages = 4, pages_at_once = 4;

bool is_waiting(const Send& send) {
  return send.state == SendState::scheduled || send.state == SendState::held;
}

bool is_of(const Send& send, const events::Event& event) {
  return event.version == send.version && event.created_at == send.subject_made_at;
}

}  // namespace

FanOut::FanOut(const SendingParts& parts, const audience::DataProviders& providers)
    : database_(parts.database),
      providers_(providers),
      secrets_(parts.secrets),
      clock_(parts.clock),
      quota_(parts.client, parts.clock),
      pages_(parts.metrics.counter("callboard_send_pages_total",
                                   "Pages of recipients that were frozen")),
      lateness_(parts.metrics.histogram("callboard_send_lateness_seconds",
                                        "How long after its moment a send began")) {}

jobs::Outcome FanOut::run(jobs::JobContext& context) {
  const boost::json::value payload = boost::json::parse(context.job().payload);
  const std::string send_id(payload.at("send_id").as_string());
  SetAside set_aside;
  if (auto outcome = begin(context, send_id, set_aside)) return *std::move(outcome);
  kill_point("fan_out.begun");
  std::size_t pages = 0;
  std::int64_t subscribed = 0;
  for (;;) {
    const Frozen frozen = freeze_pages(context, send_id, pages < first_pages ? 1 : pages_at_once);
    if (!frozen.is_more) break;
    if (pages == 0) subscribed = count_of_event(send_id);
    pages += frozen.pages;
    context.progress(static_cast<std::int64_t>(pages * line::max_recipients), subscribed);
    kill_point("fan_out.paged");
    if (context.should_stop()) return jobs::outcome::Snoozed{clock_.now()};
  }
  give_back(send_id, set_aside);
  return jobs::outcome::Completed{};
}

std::optional<jobs::Outcome> FanOut::begin(const jobs::JobContext& context,
                                           const std::string& send_id, SetAside& set_aside) {
  std::optional<Send> send;
  std::optional<audience::Application> application;
  database_.read([&](db::Transaction& transaction) {
    send = find_send(transaction, send_id);
    if (send) application = audience::find_application(transaction, send->app_id);
  });
  if (!send || !application || !is_live(send->state)) return jobs::outcome::Completed{};
  const Timestamp now = clock_.now();
  if (now < send->due_at) return jobs::outcome::Snoozed{send->due_at};
  if (!is_waiting(*send)) return std::nullopt;

  const bool is_held = lacks_quota(*send, *application, set_aside);
  database_.write_and_wait([&](db::Transaction& transaction) {
    // In this order, as everybody: sends, then jobs.
    send = hold_send(transaction, send_id);
    context.hold(transaction);
    if (!send || !is_waiting(*send)) return;
    decide(transaction, *send, *application, is_held);
  });
  if (!send || !is_live(send->state)) return jobs::outcome::Completed{};
  if (send->state == SendState::held) {
    return jobs::outcome::Snoozed{std::min(now + held_pause, send->begin_before)};
  }
  lateness_.observe(now - send->due_at);
  return std::nullopt;
}

// What becomes of a send whose time has come: it begins, waits for quota, or ends.
void FanOut::decide(db::Transaction& transaction, Send& send,
                    const audience::Application& application, bool is_held) const {
  const Timestamp now = clock_.now();
  const auto end = [&](SendState state, std::string_view reason) {
    end_send(transaction, send, state, reason, now);
    send.state = state;
  };
  if (now >= send.begin_before) {
    log::warning("send_expired", {{"app", send.app_id}, {"send", send.id}});
    const bool was_held = is_held || send.state == SendState::held;
    return end(SendState::expired, was_held ? reason::quota : reason::late);
  }
  if (channel_id_of(application).empty()) return end(SendState::skipped, reason::no_channel);
  const auto quiet = quiet_mode(application.settings, now);
  if (quiet == audience::QuietHours::Mode::skip) {
    return end(SendState::skipped, reason::quiet_hours);
  }
  send.is_silent = quiet.has_value();
  send.state = is_held ? SendState::held : SendState::paging;
  send.reason = is_held ? reason::quota : "";
  if (!is_held) send.claimed_at = now;
  update_send(transaction, send);
}

// Whether the month's quota is too small for all of it: then none of it is sent.
bool FanOut::lacks_quota(const Send& send, const audience::Application& application,
                         SetAside& set_aside) {
  const std::string channel_id = channel_id_of(application);
  if (channel_id.empty() || clock_.now() >= send.begin_before) return false;
  const auto left = quota_.left(channel_id, identity::line_channel_of(application, secrets_));
  if (!left) return false;
  std::int64_t wanted = count_at_most(send);
  if (wanted > *left) wanted = count_wanted(send);
  if (wanted <= *left) {
    quota_.spend(channel_id, wanted);
    set_aside = {channel_id, wanted};
    return false;
  }
  log::error("send_held", {{"app", send.app_id},
                           {"send", send.id},
                           {"reason", reason::quota},
                           {"needed", wanted},
                           {"left", *left}});
  return true;
}

// For operators who watch the job; of a bulletin's audience nobody knows it before the end: 0.
std::int64_t FanOut::count_of_event(const std::string& send_id) const {
  return database_.get([&](db::Transaction& transaction) -> std::int64_t {
    const auto send = find_send(transaction, send_id);
    if (!send || send->kind == SendKind::bulletin) return 0;
    return count_subscribed(transaction, *send);
  });
}

// What was set aside for those who turned out not to be reachable.
void FanOut::give_back(const std::string& send_id, const SetAside& set_aside) {
  if (set_aside.messages == 0) return;
  const std::int64_t frozen = database_.get(
      [&](db::Transaction& transaction) { return count_frozen(transaction, send_id); });
  quota_.spend(set_aside.channel_id, frozen - set_aside.messages);
}

// To count those who can be reached takes long, and mostly there is quota for all of them.
std::int64_t FanOut::count_at_most(const Send& send) const {
  if (send.kind == SendKind::bulletin) return count_wanted(send);
  return database_.get(
      [&](db::Transaction& transaction) { return count_subscribed(transaction, send); });
}

std::int64_t FanOut::count_wanted(const Send& send) const {
  if (send.kind == SendKind::bulletin) return count_audience(database_, send, providers_, clock_);
  return database_.get(
      [&](db::Transaction& transaction) { return count_reachable(transaction, send); });
}

FanOut::Frozen FanOut::freeze_pages(const jobs::JobContext& context, const std::string& send_id,
                                    std::size_t most) {
  Frozen frozen;
  database_.write_and_wait([&](db::Transaction& transaction) {
    auto send = hold_send(transaction, send_id);
    context.hold(transaction);
    if (send && send->state == SendState::paging) {
      frozen = freeze_next(transaction, *send, most);
    }
    kill_point("fan_out.before_commit");
  });
  pages_.add(frozen.pages);
  return frozen;
}

FanOut::Frozen FanOut::freeze_next(db::Transaction& transaction, Send& send,
                                   std::size_t most) const {
  const Timestamp now = clock_.now();
  const auto application = audience::find_application(transaction, send.app_id);
  const std::string channel_id = channel_id_of(*application);
  Frozen frozen;
  if (now >= send.begin_before || channel_id.empty()) {
    send.reason = channel_id.empty() ? reason::no_channel : reason::late;
  } else {
    do {
      frozen.is_more = send.kind == SendKind::bulletin
                           ? freeze_audience(transaction, send, channel_id)
                           : freeze_subscribers(transaction, send, *application);
      ++frozen.pages;
    } while (frozen.is_more && frozen.pages < most);
  }
  if (!is_live(send.state)) return {};
  if (!frozen.is_more) send.state = SendState::sending;
  update_send(transaction, send);
  want_sender(transaction, channel_id, now);
  return frozen;
}

// Both: whether there are more, and `send` has ended where what it is about is no longer so.
bool FanOut::freeze_subscribers(db::Transaction& transaction, Send& send,
                                const audience::Application& application) const {
  const Timestamp now = clock_.now();
  const auto event = events::find_event(transaction, send.app_id, send.subject_id, send.owner_id);
  if (!event || !is_of(send, *event)) {
    cancel(transaction, send, event ? reason::moved : reason::deleted);
    return false;
  }
  const Message message{channel_id_of(application),
                        messages_for(send.kind, *event, application.settings)};
  return freeze_page(transaction, send, message, now);
}

bool FanOut::freeze_audience(db::Transaction& transaction, Send& send,
                             const std::string& channel_id) const {
  const Timestamp now = clock_.now();
  const auto bulletin = find_pushed(transaction, send);
  if (!bulletin) {
    cancel(transaction, send, reason::bulletin_gone);
    return false;
  }
  auto reader = audience_of(*bulletin, send.app_id, providers_, now);
  const auto page = reader.page(transaction, send.paged_to, line::max_recipients);
  freeze_users(transaction, send, page.users, {channel_id, send.messages}, now);
  if (!page.last.empty()) send.paged_to = page.last;
  return !page.is_last;
}

void FanOut::cancel(db::Transaction& transaction, Send& send, std::string_view reason) const {
  end_send(transaction, send, SendState::cancelled, reason, clock_.now());
  send.state = SendState::cancelled;
}

}  // namespace callboard::reminders
