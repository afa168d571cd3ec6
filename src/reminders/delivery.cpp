#include "reminders/delivery.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "reminders/attempt.hpp"

namespace callboard::reminders {
namespace {

constexpr std::size_t max_message_bytes = 1'000;

std::string_view cut(std::string_view message) {
  return cut_utf8(message, max_message_bytes);
}

Delivery read_delivery(const db::Row& row) {
  Delivery delivery;
  delivery.retry_key = row.string(0);
  delivery.send_id = row.string(1);
  delivery.app_id = row.string(2);
  delivery.channel_id = row.string(3);
  delivery.endpoint = row.string(4);
  delivery.body = row.string(5);
  delivery.attempts = row.integer(6);
  delivery.in_doubt = row.integer(7) != 0;
  delivery.begin_before = timestamp_from_ms(row.integer(8));
  delivery.end_before = timestamp_from_ms(row.integer(9));
  return delivery;
}

// Live, with whether what it is about still is as it was when it was frozen.
struct Found {
  Delivery delivery;
  bool is_wanted = false;
};

std::optional<Found> find_live(db::Transaction& transaction, std::string_view retry_key) {
  return transaction.first(
      "SELECT retry_key, d.send_id, d.app_id, channel_id, endpoint, body, attempts, in_doubt,"
      " d.begin_before_ms, d.end_before_ms,"
      " CASE WHEN sends.state IN ('expired', 'cancelled') THEN 0"
      " WHEN kind = 'bulletin' OR events.version = sends.version THEN 1 ELSE 0 END"
      " FROM send_deliveries AS d JOIN sends ON sends.send_id = d.send_id"
      " LEFT JOIN events ON events.app_id = sends.app_id AND events.event_id = sends.subject_id"
      " AND events.owner_id = sends.owner_id AND events.created_at_ms = sends.subject_made_at_ms"
      " WHERE retry_key = $1 AND d.state IN ('ready', 'trying')" +
          transaction.hold_rows("d"),
      {retry_key},
      [](const db::Row& row) { return Found{read_delivery(row), row.integer(10) != 0}; });
}

// It is not tried any more; nothing to try.
std::optional<Delivery> end_unasked(db::Transaction& transaction, const Delivery& delivery,
                                    std::string_view state, Timestamp now) {
  end_attempt(transaction, delivery, delivery.in_doubt ? delivery_state::unknown : state,
              state == delivery_state::expired ? "its time was over" : "it is not wanted any more",
              "", now);
  return std::nullopt;
}

}  // namespace

void insert_delivery(db::Transaction& transaction, const NewDelivery& delivery, Timestamp now) {
  transaction.execute(
      "INSERT INTO send_deliveries (retry_key, send_id, app_id, channel_id, endpoint, body,"
      " recipients, state, next_attempt_at_ms, begin_before_ms, end_before_ms, created_at_ms)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, 'ready', $8, $9, $10, $8)",
      {delivery.retry_key, delivery.send_id, delivery.app_id, delivery.channel_id,
       delivery.endpoint, delivery.body, delivery.recipients, unix_ms(now),
       unix_ms(delivery.begin_before), unix_ms(delivery.end_before)});
}

std::vector<DueDelivery> due_deliveries(db::Transaction& transaction, std::string_view channel_id,
                                        Timestamp now) {
  std::vector<DueDelivery> due;
  transaction.query(
      "SELECT retry_key, app_id, endpoint,"
      " CASE WHEN attempts = 0 THEN begin_before_ms ELSE end_before_ms END"
      " FROM send_deliveries WHERE channel_id = $1"
      " AND state IN ('ready', 'trying') AND next_attempt_at_ms <= $2"
      " ORDER BY next_attempt_at_ms, begin_before_ms LIMIT $3",
      {channel_id, unix_ms(now), deliveries_at_once}, [&](const db::Row& row) {
        due.push_back(
            {row.string(0), row.string(1), row.string(2), timestamp_from_ms(row.integer(3))});
      });
  return due;
}

std::optional<Timestamp> next_attempt_at(db::Transaction& transaction,
                                         std::string_view channel_id) {
  std::optional<Timestamp> next;
  transaction.query(
      "SELECT MIN(next_attempt_at_ms) FROM send_deliveries WHERE channel_id = $1"
      " AND state IN ('ready', 'trying')",
      {channel_id}, [&](const db::Row& row) {
        if (!row.is_null(0)) next = timestamp_from_ms(row.integer(0));
      });
  return next;
}

std::optional<Delivery> begin_attempt(db::Transaction& transaction, std::string_view retry_key,
                                      Timestamp now) {
  auto found = find_live(transaction, retry_key);
  if (!found) return std::nullopt;
  auto& [delivery, is_wanted] = *found;
  const bool is_first = delivery.attempts == 0;
  if (!is_wanted) return end_unasked(transaction, delivery, delivery_state::cancelled, now);
  if (now >= (is_first ? delivery.begin_before : delivery.end_before)) {
    return end_unasked(transaction, delivery, delivery_state::expired, now);
  }
  if (is_first) delivery.end_before = std::min(delivery.end_before, now + retry_key_use);
  ++delivery.attempts;
  transaction.execute(
      "UPDATE send_deliveries SET state = 'trying', attempts = $2, in_doubt = 1,"
      " first_attempt_at_ms = COALESCE(first_attempt_at_ms, $3), end_before_ms = $4"
      " WHERE retry_key = $1",
      {retry_key, delivery.attempts, unix_ms(now), unix_ms(delivery.end_before)});
  return std::move(delivery);
}

bool end_attempt(db::Transaction& transaction, const Delivery& delivery, std::string_view state,
                 std::string_view message, std::string_view request_id, Timestamp now) {
  return transaction.execute(
             "UPDATE send_deliveries SET state = $3, message = $4, request_id = $5,"
             " ended_at_ms = $6, body = '', in_doubt = 0"
             " WHERE retry_key = $1 AND attempts = $2 AND state IN ('ready', 'trying')",
             {delivery.retry_key, delivery.attempts, state, cut(message), cut(request_id),
              unix_ms(now)}) > 0;
}

bool postpone(db::Transaction& transaction, const Delivery& delivery, Timestamp until,
              bool in_doubt, std::string_view message) {
  return transaction.execute(
             "UPDATE send_deliveries SET next_attempt_at_ms = $3, in_doubt = $4, message = $5"
             " WHERE retry_key = $1 AND attempts = $2 AND state IN ('ready', 'trying')",
             {delivery.retry_key, delivery.attempts, unix_ms(until), std::int64_t{in_doubt ? 1 : 0},
              cut(message)}) > 0;
}

bool take_back(db::Transaction& transaction, const Delivery& delivery, std::string_view channel_id,
               Timestamp now) {
  return transaction.execute(
             "UPDATE send_deliveries SET attempts = attempts - 1, in_doubt = $3, channel_id = $4,"
             " next_attempt_at_ms = $5,"
             " state = CASE WHEN attempts = 1 THEN 'ready' ELSE state END,"
             " first_attempt_at_ms = CASE WHEN attempts > 1 THEN first_attempt_at_ms END,"
             " end_before_ms = CASE WHEN attempts > 1 THEN end_before_ms ELSE"
             " (SELECT sends.end_before_ms FROM sends"
             " WHERE sends.send_id = send_deliveries.send_id) END"
             " WHERE retry_key = $1 AND attempts = $2 AND state IN ('ready', 'trying')",
             {delivery.retry_key, delivery.attempts, std::int64_t{delivery.in_doubt ? 1 : 0},
              channel_id, unix_ms(now)}) > 0;
}

void stop_deliveries(db::Transaction& transaction, std::string_view send_id, std::string_view state,
                     std::string_view message, Timestamp now) {
  transaction.execute(
      "UPDATE send_deliveries SET state = CASE WHEN in_doubt = 1 THEN 'unknown' ELSE $2 END,"
      " message = CASE WHEN message = '' THEN $3 ELSE message END, ended_at_ms = $4, body = '',"
      " in_doubt = 0 WHERE send_id = $1 AND state IN ('ready', 'trying')",
      {send_id, state, message, unix_ms(now)});
}

}  // namespace callboard::reminders
