#include "reminders/send_list.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "reminders/channel_store.hpp"
#include "reminders/send_store.hpp"

namespace callboard::reminders {
namespace {

namespace json = boost::json;

// The outcome of a recipient `r` with their delivery `d`, in SQL.
constexpr std::string_view outcome_of_recipient =
    "CASE WHEN r.retry_key IS NULL THEN 'skipped' WHEN r.reason IS NOT NULL THEN 'rejected'"
    " WHEN d.state IN ('ready', 'trying') THEN 'pending'"
    " WHEN d.state IN ('expired', 'cancelled') THEN 'skipped' ELSE d.state END";

json::value time_or_null(const std::optional<Timestamp>& time) {
  return time ? json::value(rfc3339(*time)) : json::value(nullptr);
}

json::value time_or_null(const db::Row& row, int column) {
  const auto ms = row.optional_integer(column);
  return ms ? json::value(rfc3339(timestamp_from_ms(*ms))) : json::value(nullptr);
}

void add(SendCounts& counts, std::string_view state, std::int64_t people) {
  if (state == "accepted") {
    counts.accepted += people;
  } else if (state == "rejected") {
    counts.rejected += people;
  } else if (state == "unknown") {
    counts.unknown += people;
  } else if (state == "ready" || state == "trying") {
    counts.pending += people;
  } else {
    counts.skipped += people;
  }
}

}  // namespace

SendCounts count_recipients(db::Transaction& transaction, std::string_view send_id) {
  SendCounts counts;
  transaction.query(
      "SELECT state, CAST(SUM(recipients) AS BIGINT) FROM send_deliveries WHERE send_id = $1 GROUP "
      "BY state",
      {send_id}, [&](const db::Row& row) { add(counts, row.text(0), row.integer(1)); });
  transaction.query("SELECT COUNT(*) FROM send_recipients WHERE send_id = $1 AND retry_key IS NULL",
                    {send_id}, [&](const db::Row& row) { counts.skipped += row.integer(0); });
  return counts;
}

std::vector<Send> list_sends(db::Transaction& transaction, std::string_view app_id,
                             const SendFilter& filter) {
  std::vector<Send> sends;
  const std::int64_t before =
      filter.due_before ? unix_ms(*filter.due_before) : std::numeric_limits<std::int64_t>::max();
  transaction.query(fmt::format("SELECT {} FROM sends WHERE app_id = $1 AND due_at_ms < $2"
                                " AND ($3 = '' OR state = $3) AND ($4 = '' OR subject_id = $4)"
                                " ORDER BY due_at_ms DESC, send_id LIMIT $5",
                                send_columns),
                    {app_id, before, filter.state, filter.event_id, filter.limit},
                    [&](const db::Row& row) { sends.push_back(read_send(row)); });
  return sends;
}

json::object to_json(const Send& send, const SendCounts& counts) {
  json::object shown{{"id", send.id},
                     {"kind", name_of(send.kind)},
                     {"state", name_of(send.state)},
                     {"reason", send.reason},
                     {"silent", send.is_silent},
                     {"due_at", rfc3339(send.due_at)},
                     {"begin_before", rfc3339(send.begin_before)},
                     {"end_before", rfc3339(send.end_before)},
                     {"created_at", rfc3339(send.created_at)},
                     {"claimed_at", time_or_null(send.claimed_at)},
                     {"ended_at", time_or_null(send.ended_at)}};
  if (send.kind == SendKind::bulletin) {
    shown["bulletin_id"] = send.subject_id;
  } else {
    shown["event_id"] = send.subject_id;
    shown["event_version"] = send.version;
    shown["owner_id"] = send.owner_id;
    shown["lead_minutes"] = send.lead.count();
  }
  shown["recipients"] = json::object{{"accepted", counts.accepted},
                                     {"rejected", counts.rejected},
                                     {"unknown", counts.unknown},
                                     {"skipped", counts.skipped},
                                     {"pending", counts.pending}};
  return shown;
}

json::array list_recipients(db::Transaction& transaction, std::string_view send_id,
                            const RecipientFilter& filter) {
  json::array recipients;
  transaction.query(
      fmt::format("SELECT user_id, outcome, why, retry_key FROM"
                  " (SELECT r.user_id AS user_id, r.retry_key AS retry_key, {} AS outcome,"
                  " COALESCE(r.reason, CASE WHEN d.state IN ('accepted', 'ready') THEN ''"
                  " ELSE d.message END, '') AS why"
                  " FROM send_recipients AS r LEFT JOIN send_deliveries AS d"
                  " ON d.retry_key = r.retry_key WHERE r.send_id = $1 AND r.user_id > $2) AS known"
                  " WHERE $3 = '' OR outcome = $3 ORDER BY user_id LIMIT $4",
                  outcome_of_recipient),
      {send_id, filter.after, filter.outcome, filter.limit}, [&](const db::Row& row) {
        recipients.push_back(
            {{"user_id", row.text(0)},
             {"outcome", row.text(1)},
             {"reason", row.text(2)},
             {"retry_key", row.is_null(3) ? json::value(nullptr) : json::value(row.text(3))}});
      });
  return recipients;
}

json::array list_deliveries(db::Transaction& transaction, std::string_view send_id) {
  json::array deliveries;
  transaction.query(
      "SELECT retry_key, endpoint, recipients, state, attempts, message, request_id,"
      " first_attempt_at_ms, next_attempt_at_ms, ended_at_ms FROM send_deliveries"
      " WHERE send_id = $1 ORDER BY created_at_ms, retry_key LIMIT $2",
      {send_id, max_deliveries_listed}, [&](const db::Row& row) {
        const bool has_ended = !row.is_null(9);
        deliveries.push_back(
            {{"retry_key", row.text(0)},
             {"endpoint", row.text(1)},
             {"recipients", row.integer(2)},
             {"state", row.text(3)},
             {"attempts", row.integer(4)},
             {"message", row.text(5)},
             {"request_id", row.text(6)},
             {"first_attempt_at", time_or_null(row, 7)},
             {"next_attempt_at", has_ended ? json::value(nullptr) : time_or_null(row, 8)},
             {"ended_at", time_or_null(row, 9)}});
      });
  return deliveries;
}

json::array list_holds(db::Transaction& transaction, std::string_view channel_id) {
  json::array holds;
  if (const auto hold = find_hold(transaction, channel_id)) {
    const std::size_t slash = hold->channel_id.find('/');
    holds.push_back({{"channel_id", hold->channel_id.substr(slash + 1)},
                     {"reason", hold->reason},
                     {"since", rfc3339(hold->since)},
                     {"until", rfc3339(hold->until)}});
  }
  return holds;
}

}  // namespace callboard::reminders
