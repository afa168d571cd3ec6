#include "reminders/user_sends.hpp"

#include <boost/json.hpp>

#include "base/clock.hpp"

namespace callboard::reminders {

namespace json = boost::json;

json::object show_sends(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id) {
  json::array sends;
  transaction.query(
      "SELECT sends.kind, sends.subject_id, sends.due_at_ms, COALESCE(r.reason, d.state, '')"
      " FROM send_recipients AS r JOIN sends ON sends.send_id = r.send_id"
      " LEFT JOIN send_deliveries AS d ON d.retry_key = r.retry_key"
      " WHERE r.user_id = $2 AND sends.app_id = $1 ORDER BY sends.due_at_ms DESC LIMIT $3",
      {app_id, user_id, max_sends_shown}, [&](const db::Row& row) {
        sends.push_back({{"kind", row.text(0)},
                         {"subject", row.text(1)},
                         {"due_at", rfc3339(timestamp_from_ms(row.integer(2)))},
                         {"outcome", row.text(3)}});
      });
  if (sends.empty()) return {};
  return {{"sends", std::move(sends)}};
}

bool erase_sends(db::Transaction& transaction, std::string_view app_id, std::string_view user_id) {
  // A push is to them alone.
  transaction.execute(
      "UPDATE send_deliveries SET state = 'cancelled', message = 'erased', body = '',"
      " ended_at_ms = next_attempt_at_ms WHERE endpoint = 'push' AND state = 'ready'"
      " AND retry_key IN (SELECT retry_key FROM send_recipients WHERE user_id = $2"
      " AND send_id IN (SELECT send_id FROM sends WHERE app_id = $1))",
      {app_id, user_id});
  return transaction.execute(
             "DELETE FROM send_recipients WHERE user_id = $2"
             " AND send_id IN (SELECT send_id FROM sends WHERE app_id = $1)",
             {app_id, user_id}) > 0;
}

}  // namespace callboard::reminders
