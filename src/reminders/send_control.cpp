#include "reminders/send_control.hpp"

#include "base/error.hpp"
#include "events/events.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

void require_still_meant(db::Transaction& transaction, const Send& send, Timestamp now) {
  if (now >= send.end_before) throw Error(ErrorCode::unprocessable, "the event has started");
  if (send.kind == SendKind::bulletin) return;
  const auto event = events::find_event(transaction, send.app_id, send.subject_id, send.owner_id);
  if (!event || event->created_at != send.subject_made_at || event->version != send.version) {
    throw Error(ErrorCode::unprocessable, "the event has been moved or deleted since");
  }
}

// Nobody is reminded twice of the same start at the same lead.
void refuse_twin(db::Transaction& transaction, const Send& send) {
  const auto twin = transaction.first(
      "SELECT 1 FROM sends WHERE app_id = $1 AND kind = $2 AND subject_id = $3 AND owner_id = $4"
      " AND subject_made_at_ms = $5 AND version = $6 AND lead_minutes = $7 AND send_id <> $8"
      " AND state <> 'cancelled'",
      {send.app_id, name_of(send.kind), send.subject_id, send.owner_id,
       unix_ms(send.subject_made_at), send.version, std::int64_t{send.lead.count()}, send.id},
      [](const db::Row&) { return true; });
  if (twin) throw Error(ErrorCode::conflict, "another send of the same is there");
}

// As if they had never been looked at.
void forget_untried(db::Transaction& transaction, std::string_view send_id) {
  transaction.execute(
      "DELETE FROM send_recipients WHERE send_id = $1 AND retry_key IN"
      " (SELECT retry_key FROM send_deliveries WHERE send_id = $1 AND attempts = 0"
      " AND state IN ('expired', 'cancelled'))",
      {send_id});
  transaction.execute(
      "DELETE FROM send_deliveries WHERE send_id = $1 AND attempts = 0"
      " AND state IN ('expired', 'cancelled')",
      {send_id});
}

}  // namespace

void expire_by_operator(db::Transaction& transaction, const Send& send, Timestamp now) {
  if (!is_live(send.state)) throw Error(ErrorCode::conflict, "it has ended already");
  end_send(transaction, send, SendState::expired, reason::operator_ended, now);
}

void resend(db::Transaction& transaction, const Send& send, Timestamp now) {
  if (is_live(send.state) && send.state != SendState::held) {
    throw Error(ErrorCode::conflict, "it is under way");
  }
  require_still_meant(transaction, send, now);
  if (send.kind != SendKind::bulletin) refuse_twin(transaction, send);
  transaction.take_your_time();
  forget_untried(transaction, send.id);
  Send again = send;
  again.state = SendState::scheduled;
  again.reason.clear();
  again.paged_to.clear();
  again.due_at = now;
  again.begin_before = send.end_before;
  again.ended_at.reset();
  reschedule_send(transaction, again, now);
}

}  // namespace callboard::reminders
