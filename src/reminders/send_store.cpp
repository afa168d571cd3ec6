#include "reminders/send_store.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "jobs/job_store.hpp"
#include "reminders/delivery.hpp"
#include "reminders/sending.hpp"

namespace callboard::reminders {
namespace {

std::optional<Timestamp> optional_time(const db::Row& row, int column) {
  const auto ms = row.optional_integer(column);
  return ms ? std::optional(timestamp_from_ms(*ms)) : std::nullopt;
}

db::Value optional_time(const std::optional<Timestamp>& time) {
  return time ? db::Value(unix_ms(*time)) : db::Value(nullptr);
}

std::string job_key(const Send& send) {
  return "send/" + send.id;
}

std::vector<Send> sends_of(db::Transaction& transaction, const events::EventKey& key,
                           const std::string& how) {
  std::vector<Send> sends;
  transaction.query(
      fmt::format("SELECT {} FROM sends WHERE app_id = $1 AND subject_id = $2 AND owner_id = $3"
                  " AND kind <> 'bulletin' ORDER BY send_id{}",
                  send_columns, how),
      {key.app_id, key.event_id, key.owner_id},
      [&](const db::Row& row) { sends.push_back(read_send(row)); });
  return sends;
}

void want_fan_out(db::Transaction& transaction, const Send& send, Timestamp now) {
  jobs::enqueue(transaction,
                {.kind = fan_out_job,
                 .app_id = send.app_id,
                 .payload = fmt::format(R"({{"send_id":"{}"}})", send.id),
                 .run_at = send.due_at,
                 .max_attempts = jobs::no_last_attempt,
                 .unique_key = job_key(send)},
                now);
}

std::string_view end_of_untried(SendState state) {
  return state == SendState::expired ? delivery_state::expired : delivery_state::cancelled;
}

}  // namespace

void insert_send(db::Transaction& transaction, const Send& send, Timestamp now) {
  transaction.execute(
      fmt::format("INSERT INTO sends ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
                  " $12, $13, $14, $15, $16, $17, $18, $19)",
                  send_columns),
      {send.id, send.app_id, name_of(send.kind), send.subject_id, send.owner_id,
       unix_ms(send.subject_made_at), send.version, std::int64_t{send.lead.count()},
       unix_ms(send.due_at), unix_ms(send.begin_before), unix_ms(send.end_before),
       name_of(send.state), send.reason, std::int64_t{send.is_silent ? 1 : 0}, send.paged_to,
       unix_ms(now), optional_time(send.claimed_at), optional_time(send.ended_at), send.messages});
  if (send.state == SendState::scheduled) want_fan_out(transaction, send, now);
}

Send read_send(const db::Row& row) {
  Send send;
  send.id = row.string(0);
  send.app_id = row.string(1);
  send.kind = send_kind_named(row.text(2));
  send.subject_id = row.string(3);
  send.owner_id = row.string(4);
  send.subject_made_at = timestamp_from_ms(row.integer(5));
  send.version = row.integer(6);
  send.lead = std::chrono::minutes{row.integer(7)};
  send.due_at = timestamp_from_ms(row.integer(8));
  send.begin_before = timestamp_from_ms(row.integer(9));
  send.end_before = timestamp_from_ms(row.integer(10));
  send.state = send_state_named(row.text(11)).value();
  send.reason = row.string(12);
  send.is_silent = row.integer(13) != 0;
  send.paged_to = row.string(14);
  send.created_at = timestamp_from_ms(row.integer(15));
  send.claimed_at = optional_time(row, 16);
  send.ended_at = optional_time(row, 17);
  send.messages = row.string(18);
  return send;
}

std::optional<Send> find_send(db::Transaction& transaction, std::string_view send_id) {
  return transaction.first(fmt::format("SELECT {} FROM sends WHERE send_id = $1", send_columns),
                           {send_id}, read_send);
}

std::optional<Send> hold_send(db::Transaction& transaction, std::string_view send_id) {
  return transaction.first(fmt::format("SELECT {} FROM sends WHERE send_id = $1{}", send_columns,
                                       transaction.hold_rows("sends")),
                           {send_id}, read_send);
}

std::vector<Send> hold_sends_of(db::Transaction& transaction, const events::EventKey& key) {
  return sends_of(transaction, key, transaction.hold_rows("sends"));
}

std::vector<Send> share_sends_of(db::Transaction& transaction, const events::EventKey& key) {
  return sends_of(transaction, key, transaction.share_rows("sends"));
}

std::vector<Send> hold_private_sends(db::Transaction& transaction, std::string_view app_id,
                                     std::string_view event_id) {
  std::vector<Send> sends;
  transaction.query(
      fmt::format("SELECT {} FROM sends WHERE app_id = $1 AND owner_id <> ''"
                  " AND state IN ('scheduled', 'held', 'paging', 'sending')"
                  " AND (subject_id = $2 OR ($2 = '' AND subject_id IN"
                  " (SELECT event_id FROM events WHERE app_id = $1 AND owner_id = '')))"
                  " ORDER BY send_id{}",
                  send_columns, transaction.hold_rows("sends")),
      {app_id, event_id}, [&](const db::Row& row) { sends.push_back(read_send(row)); });
  return sends;
}

void update_send(db::Transaction& transaction, const Send& send) {
  transaction.execute(
      "UPDATE sends SET state = $2, reason = $3, is_silent = $4, paged_to = $5, claimed_at_ms = $6,"
      " begin_before_ms = $7, ended_at_ms = $8 WHERE send_id = $1",
      {send.id, name_of(send.state), send.reason, std::int64_t{send.is_silent ? 1 : 0},
       send.paged_to, optional_time(send.claimed_at), unix_ms(send.begin_before),
       optional_time(send.ended_at)});
  transaction.announce(send.app_id, send_change, send.id);
}

void reschedule_send(db::Transaction& transaction, const Send& send, Timestamp now) {
  update_send(transaction, send);
  transaction.execute("UPDATE sends SET due_at_ms = $2 WHERE send_id = $1",
                      {send.id, unix_ms(send.due_at)});
  want_fan_out(transaction, send, now);
}

void end_send(db::Transaction& transaction, const Send& send, SendState state,
              std::string_view reason, Timestamp now) {
  Send ended = send;
  ended.state = state;
  ended.reason = reason;
  ended.ended_at = now;
  update_send(transaction, ended);
  stop_deliveries(transaction, send.id, end_of_untried(state), reason, now);
  jobs::withdraw(transaction, job_key(send));
}

void settle_sends(db::Transaction& transaction, Timestamp now) {
  std::vector<std::pair<std::string, std::string>> settled;
  transaction.query(
      "UPDATE sends SET state = 'done', ended_at_ms = $1 WHERE state = 'sending' AND NOT EXISTS"
      " (SELECT 1 FROM send_deliveries WHERE send_deliveries.send_id = sends.send_id"
      " AND send_deliveries.state IN ('ready', 'trying')) RETURNING app_id, send_id",
      {unix_ms(now)},
      [&](const db::Row& row) { settled.emplace_back(row.string(0), row.string(1)); });
  for (const auto& [app_id, send_id] : settled) {
    transaction.announce(app_id, send_change, send_id);
  }
}

void tend(db::Transaction& transaction, Timestamp now) {
  std::vector<Send> stranded;
  transaction.query(
      fmt::format("SELECT {} FROM sends WHERE state IN ('scheduled', 'held', 'paging')"
                  " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.unique_key = 'send/' || send_id)"
                  " LIMIT $1",
                  send_columns),
      {max_tended}, [&](const db::Row& row) { stranded.push_back(read_send(row)); });
  for (const Send& send : stranded) want_fan_out(transaction, send, now);
  std::vector<std::string> channels;
  transaction.query(
      "SELECT DISTINCT channel_id FROM send_deliveries WHERE state IN ('ready', 'trying')"
      " AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.unique_key = 'sender/' || channel_id)"
      " LIMIT $1",
      {max_tended}, [&](const db::Row& row) { channels.push_back(row.string(0)); });
  for (const std::string& channel_id : channels) want_sender(transaction, channel_id, now);
}

bool prune_sends(db::Transaction& transaction, Timestamp now) {
  const auto oldest = transaction.first(
      "SELECT send_id FROM sends WHERE ended_at_ms <= $1 ORDER BY ended_at_ms LIMIT 1",
      {unix_ms(now - send_life)}, [](const db::Row& row) { return row.string(0); });
  if (!oldest) return false;
  const auto recipients = transaction.execute(
      "DELETE FROM send_recipients WHERE send_id = $1 AND user_id IN"
      " (SELECT user_id FROM send_recipients WHERE send_id = $1 ORDER BY user_id LIMIT $2)",
      {*oldest, pruned_recipients});
  if (recipients < pruned_recipients) {
    transaction.execute("DELETE FROM sends WHERE send_id = $1", {*oldest});
  }
  return true;
}

}  // namespace callboard::reminders
