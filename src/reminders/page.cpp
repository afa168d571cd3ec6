#include "reminders/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <vector>

#include "base/kill_point.hpp"
#include "base/random.hpp"
#include "line/message_limits.hpp"
#include "line/messaging.hpp"
#include "reminders/delivery.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

namespace json = boost::json;

constexpr auto page_size = static_cast<std::int64_t>(line::max_recipients);
// "U" and 32 lower-case hexadecimal digits, in SQL: line::is_line_user_id().
constexpr std::string_view why_left_out =
    "CASE WHEN LENGTH(s.user_id) <> 33 OR SUBSTR(s.user_id, 1, 1) <> 'U'"
    " OR TRIM(SUBSTR(s.user_id, 2), '0123456789abcdef') <> '' THEN 'no_line_account'"
    " WHEN a.blocked_at_ms IS NOT NULL THEN 'blocked' END";

// The last user of the page after that one; nothing: it is the last page.
std::optional<std::string> end_of_page(db::Transaction& transaction, const Send& send) {
  return transaction.first(
      "SELECT user_id FROM subscriptions WHERE app_id = $1 AND event_id = $2 AND owner_id = $3"
      " AND remind = 1 AND user_id > $4 ORDER BY user_id LIMIT 1 OFFSET $5",
      {send.app_id, send.subject_id, send.owner_id, send.paged_to, page_size - 1},
      [](const db::Row& row) { return row.string(0); });
}

// Which users may become recipients: what stands behind FROM and WHERE, `s` having the user_id.
// `accounts`: which of the accounts `a` may be theirs, without which PostgreSQL reads all of the
// application's for each page.
struct Candidates {
  std::string from, where, accounts;
  bool are_held = false;  // their rows stay until the transaction ends
};
// The event's subscribers whose ids `are`, as SQL with {} for the id.
Candidates subscribers(std::string_view are) {
  return {"subscriptions AS s",
          "s.app_id = $3 AND s.event_id = $4 AND s.owner_id = $5 AND s.remind = 1 AND " +
              fmt::format(fmt::runtime(are), "s.user_id"),
          fmt::format(fmt::runtime(are), "a.user_id"), true};
}

// Those who are no recipients yet become some; the ones that can be sent to. The first values are
// the send, the retry key and the application.
std::vector<std::string> add_recipients(db::Transaction& transaction, const Candidates& candidates,
                                        db::Values values) {
  std::vector<std::string> added;
  transaction.query(
      fmt::format("INSERT INTO send_recipients (send_id, user_id, retry_key, reason)"
                  " SELECT CAST($1 AS TEXT), user_id,"
                  " CASE WHEN reason IS NULL THEN CAST($2 AS TEXT) END, reason"
                  " FROM (SELECT s.user_id AS user_id, {} AS reason FROM {}"
                  " LEFT JOIN line_accounts AS a ON a.app_id = $3 AND a.user_id = s.user_id"
                  " AND {} WHERE {} ORDER BY s.user_id{}) AS page"
                  " WHERE true ON CONFLICT DO NOTHING RETURNING user_id, reason",
                  why_left_out, candidates.from, candidates.accounts, candidates.where,
                  candidates.are_held ? transaction.hold_rows("s") : ""),
      values, [&](const db::Row& row) {
        if (row.is_null(1)) added.push_back(row.string(0));
      });
  std::ranges::sort(added);
  return added;
}

std::vector<std::string> add_subscribers(db::Transaction& transaction, const Send& send,
                                         std::string_view retry_key,
                                         const std::optional<std::string>& to) {
  if (!to) {
    return add_recipients(
        transaction, subscribers("{} > $6"),
        {send.id, retry_key, send.app_id, send.subject_id, send.owner_id, send.paged_to});
  }
  return add_recipients(
      transaction, subscribers("{0} > $6 AND {0} <= $7"),
      {send.id, retry_key, send.app_id, send.subject_id, send.owner_id, send.paged_to, *to});
}

void freeze(db::Transaction& transaction, const Send& send, std::string_view retry_key,
            std::string_view endpoint, const std::vector<std::string>& users,
            const Message& message, Timestamp now) {
  const std::string body = endpoint == endpoint::push
                               ? line::push_body(users.front(), message.messages, send.is_silent)
                               : line::multicast_body(users, message.messages, send.is_silent);
  insert_delivery(transaction,
                  {.retry_key = retry_key,
                   .send_id = send.id,
                   .app_id = send.app_id,
                   .channel_id = message.channel_id,
                   .endpoint = endpoint,
                   .body = body,
                   .recipients = static_cast<std::int64_t>(users.size()),
                   .begin_before = send.begin_before,
                   .end_before = send.end_before},
                  now);
}

std::string json_texts(std::span<const std::string> texts) {
  return json::serialize(json::array(texts.begin(), texts.end()));
}

// Of a recipient of a send, in SQL.
constexpr std::string_view is_not_subscribed =
    "EXISTS (SELECT 1 FROM sends WHERE sends.send_id = send_recipients.send_id"
    " AND kind <> 'bulletin' AND NOT EXISTS (SELECT 1 FROM subscriptions AS s"
    " WHERE s.app_id = sends.app_id AND s.user_id = send_recipients.user_id"
    " AND s.event_id = sends.subject_id AND s.owner_id = sends.owner_id AND s.remind = 1))";
constexpr std::string_view has_blocked =
    "EXISTS (SELECT 1 FROM sends JOIN line_accounts AS a ON a.app_id = sends.app_id"
    " WHERE sends.send_id = send_recipients.send_id AND a.user_id = send_recipients.user_id"
    " AND a.blocked_at_ms IS NOT NULL)";

// Nobody of them unsubscribes until the transaction ends; who is about to is waited for.
void hold_subscriptions(db::Transaction& transaction, const Delivery& delivery,
                        std::span<const std::string> users) {
  transaction.query(
      fmt::format("SELECT s.user_id FROM subscriptions AS s"
                  " JOIN sends ON sends.app_id = s.app_id AND sends.subject_id = s.event_id"
                  " WHERE sends.send_id = $1 AND s.user_id IN (SELECT text FROM {} AS given){}",
                  transaction.texts_in("$2"), transaction.hold_rows("s")),
      {delivery.send_id, json_texts(users)}, [](const db::Row&) {});
}

void set_reason(db::Transaction& transaction, std::string_view send_id,
                std::span<const std::string> users, std::string_view reason) {
  transaction.execute(
      fmt::format("UPDATE send_recipients SET reason = $3 WHERE send_id = $1 AND user_id IN"
                  " (SELECT text FROM {} AS given)",
                  transaction.texts_in("$2")),
      {send_id, json_texts(users), reason});
}

// Those of them who are still to get it, which a new delivery is for: who has unsubscribed or
// blocked the account since the page was frozen is in no further one.
std::vector<std::string> move_recipients(db::Transaction& transaction, const Delivery& delivery,
                                         std::span<const std::string> users,
                                         std::string_view retry_key) {
  const std::string given =
      fmt::format("(SELECT text FROM {} AS given)", transaction.texts_in("$2"));
  const auto left_out = [&](std::string_view reason, const std::string& condition) {
    transaction.execute(
        fmt::format("UPDATE send_recipients SET retry_key = NULL, reason = $3"
                    " WHERE send_id = $1 AND reason IS NULL AND user_id IN {} AND {}",
                    given, condition),
        {delivery.send_id, json_texts(users), reason});
  };
  hold_subscriptions(transaction, delivery, users);
  left_out(reason::unsubscribed, std::string(is_not_subscribed));
  left_out(reason::blocked, std::string(has_blocked));
  std::vector<std::string> moved;
  transaction.query(fmt::format("UPDATE send_recipients SET retry_key = $3 WHERE send_id = $1"
                                " AND reason IS NULL AND user_id IN {} RETURNING user_id",
                                given),
                    {delivery.send_id, json_texts(users), retry_key},
                    [&](const db::Row& row) { moved.push_back(row.string(0)); });
  std::ranges::sort(moved);
  return moved;
}

}  // namespace

bool freeze_page(db::Transaction& transaction, Send& send, const Message& message, Timestamp now) {
  const auto end = end_of_page(transaction, send);
  const std::string retry_key = random_uuid();
  const auto users = add_subscribers(transaction, send, retry_key, end);
  if (!users.empty()) {
    freeze(transaction, send, retry_key, endpoint::multicast, users, message, now);
  }
  if (end) send.paged_to = *end;
  return end.has_value();
}

void freeze_users(db::Transaction& transaction, const Send& send,
                  std::span<const std::string> user_ids, const Message& message, Timestamp now) {
  if (user_ids.empty()) return;
  const std::string retry_key = random_uuid();
  const std::string ids = json_texts(user_ids);
  const auto [first, last] = std::ranges::minmax_element(user_ids);
  const auto users = add_recipients(
      transaction,
      {"(SELECT text AS user_id FROM " + transaction.texts_in("$4") + " AS given) AS s", "true",
       "a.user_id >= $5 AND a.user_id <= $6"},
      {send.id, retry_key, send.app_id, ids, *first, *last});
  if (users.empty()) return;
  freeze(transaction, send, retry_key, endpoint::multicast, users, message, now);
}

std::int64_t count_reachable(db::Transaction& transaction, const Send& send) {
  return transaction
      .first(fmt::format("SELECT COUNT(*) FROM subscriptions AS s LEFT JOIN line_accounts AS a"
                         " ON a.app_id = s.app_id AND a.user_id = s.user_id"
                         " WHERE s.app_id = $1 AND s.event_id = $2 AND s.owner_id = $3"
                         " AND s.remind = 1 AND {} IS NULL",
                         why_left_out),
             {send.app_id, send.subject_id, send.owner_id},
             [](const db::Row& row) { return row.integer(0); })
      .value_or(0);
}

std::int64_t count_subscribed(db::Transaction& transaction, const Send& send) {
  return transaction
      .first(
          "SELECT COUNT(*) FROM subscriptions WHERE app_id = $1 AND event_id = $2"
          " AND owner_id = $3 AND remind = 1",
          {send.app_id, send.subject_id, send.owner_id},
          [](const db::Row& row) { return row.integer(0); })
      .value_or(0);
}

std::int64_t count_frozen(db::Transaction& transaction, std::string_view send_id) {
  return transaction
      .first("SELECT COUNT(*) FROM send_recipients WHERE send_id = $1 AND retry_key IS NOT NULL",
             {send_id}, [](const db::Row& row) { return row.integer(0); })
      .value_or(0);
}

bool freeze_one(db::Transaction& transaction, const Send& send, std::string_view user_id,
                const Message& message, Timestamp now) {
  const std::string retry_key = random_uuid();
  const auto users =
      add_recipients(transaction, subscribers("{} = $6"),
                     {send.id, retry_key, send.app_id, send.subject_id, send.owner_id, user_id});
  if (users.empty()) return false;
  Send late = send;
  late.begin_before = send.end_before;
  freeze(transaction, late, retry_key, endpoint::push, users, message, now);
  return true;
}

void refreeze(db::Transaction& transaction, const Delivery& delivery,
              std::span<const std::size_t> rejected, std::string_view why, Timestamp now) {
  if (!end_attempt(transaction, delivery, delivery_state::rejected, why, "", now)) return;
  json::object body = json::parse(delivery.body).as_object();
  const json::array* to = body.at("to").if_array();
  if (to == nullptr) return;  // a push is for one
  std::vector<std::string> named, others;
  for (std::size_t place = 0; place < to->size(); ++place) {
    const bool is_named = std::ranges::find(rejected, place) != rejected.end();
    (is_named ? named : others).emplace_back((*to)[place].as_string());
  }
  if (named.empty()) return;  // the same again would end the same
  set_reason(transaction, delivery.send_id, named, why);
  transaction.execute("UPDATE send_deliveries SET recipients = $2 WHERE retry_key = $1",
                      {delivery.retry_key, static_cast<std::int64_t>(named.size())});
  kill_point("refreeze.before_commit");
  const std::string retry_key = random_uuid();
  const auto users = move_recipients(transaction, delivery, others, retry_key);
  if (users.empty()) return;
  body["to"] = json::array(users.begin(), users.end());
  insert_delivery(transaction,
                  {.retry_key = retry_key,
                   .send_id = delivery.send_id,
                   .app_id = delivery.app_id,
                   .channel_id = delivery.channel_id,
                   .endpoint = delivery.endpoint,
                   .body = json::serialize(body),
                   .recipients = static_cast<std::int64_t>(users.size()),
                   .begin_before = delivery.end_before,
                   .end_before = delivery.end_before},
                  now);
}

}  // namespace callboard::reminders
