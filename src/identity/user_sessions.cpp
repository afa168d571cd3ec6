#include "identity/user_sessions.hpp"

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "identity/sessions.hpp"

namespace callboard::identity {
namespace {

namespace json = boost::json;

std::string moment(const db::Row& row, int column) {
  return rfc3339(timestamp_from_ms(row.integer(column)));
}

}  // namespace

json::object show_sessions(db::Transaction& transaction, std::string_view app_id,
                           std::string_view user_id) {
  json::array sessions;
  transaction.query(
      "SELECT MIN(created_at_ms), MAX(created_at_ms), MAX(expires_at_ms) FROM refresh_tokens"
      " WHERE app_id = $1 AND user_id = $2 GROUP BY family ORDER BY 1 DESC LIMIT $3",
      {app_id, user_id, static_cast<std::int64_t>(max_sessions_shown)}, [&](const db::Row& row) {
        sessions.push_back(json::object{{"opened_at", moment(row, 0)},
                                        {"refreshed_at", moment(row, 1)},
                                        {"expires_at", moment(row, 2)}});
      });
  if (sessions.empty()) return {};
  return {{"sessions", std::move(sessions)}};
}

bool erase_sessions(db::Transaction& transaction, const Trust& trust, std::string_view app_id,
                    std::string_view user_id) {
  lock_sessions(transaction, app_id, user_id);
  std::vector<std::string> families;
  transaction.query("SELECT DISTINCT family FROM refresh_tokens WHERE app_id = $1 AND user_id = $2",
                    {app_id, user_id},
                    [&](const db::Row& row) { families.push_back(row.string(0)); });
  for (const std::string& family : families) trust.revoke(transaction, app_id, family);
  transaction.execute("DELETE FROM refresh_tokens WHERE app_id = $1 AND user_id = $2",
                      {app_id, user_id});
  transaction.execute("DELETE FROM used_nonces WHERE app_id = $1 AND user_id = $2",
                      {app_id, user_id});
  return !families.empty();
}

}  // namespace callboard::identity
