#include "identity/line_account.hpp"

#include <boost/json.hpp>
#include <utility>

namespace callboard::identity {
namespace {

namespace json = boost::json;

// Without control characters, one of which PostgreSQL can't keep, and cut at the end of a
// character.
std::string kept_text(std::string_view text) {
  std::string kept(text);
  std::erase_if(kept, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (kept.size() <= max_profile_text_bytes) return kept;
  std::size_t end = max_profile_text_bytes;
  while (end > 0 && (static_cast<unsigned char>(kept[end]) & 0xc0) == 0x80) --end;
  kept.resize(end);
  return kept;
}

}  // namespace

void save_profile(db::Transaction& transaction, std::string_view app_id, const LineProfile& profile,
                  Timestamp now) {
  const std::string name = kept_text(profile.name);
  const std::string picture_url = kept_text(profile.picture_url);
  transaction.execute(
      "INSERT INTO line_accounts (app_id, user_id, name, picture_url, status_at_ms, created_at_ms,"
      " updated_at_ms) VALUES ($1, $2, $3, $4, 0, $5, $5) ON CONFLICT (app_id, user_id)"
      " DO UPDATE SET name = excluded.name, picture_url = excluded.picture_url,"
      " updated_at_ms = excluded.updated_at_ms",
      {app_id, profile.user_id, name, picture_url, unix_ms(now)});
}

void set_blocked(db::Transaction& transaction, std::string_view app_id, std::string_view user_id,
                 bool is_blocked, Timestamp said_at, Timestamp now) {
  const db::Value blocked_at = is_blocked ? db::Value(unix_ms(said_at)) : db::Value(nullptr);
  transaction.execute(
      "INSERT INTO line_accounts (app_id, user_id, name, picture_url, blocked_at_ms, status_at_ms,"
      " created_at_ms, updated_at_ms) VALUES ($1, $2, '', '', $3, $4, $5, $5)"
      " ON CONFLICT (app_id, user_id) DO UPDATE SET blocked_at_ms = excluded.blocked_at_ms,"
      " status_at_ms = excluded.status_at_ms, updated_at_ms = excluded.updated_at_ms"
      " WHERE line_accounts.status_at_ms <= excluded.status_at_ms",
      {app_id, user_id, blocked_at, unix_ms(said_at), unix_ms(now)});
}

json::object show_line_account(db::Transaction& transaction, std::string_view app_id,
                               std::string_view user_id) {
  json::object shown;
  transaction.query(
      "SELECT name, picture_url, blocked_at_ms, created_at_ms, updated_at_ms FROM line_accounts"
      " WHERE app_id = $1 AND user_id = $2",
      {app_id, user_id}, [&](const db::Row& row) {
        shown = {{"name", row.text(0)},
                 {"picture_url", row.text(1)},
                 {"created_at", rfc3339(timestamp_from_ms(row.integer(3)))},
                 {"updated_at", rfc3339(timestamp_from_ms(row.integer(4)))}};
        const auto blocked = row.optional_integer(2);
        if (blocked) shown["blocked_at"] = rfc3339(timestamp_from_ms(*blocked));
      });
  if (shown.empty()) return {};
  return {{"line_account", std::move(shown)}};
}

bool erase_line_account(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id) {
  return transaction.execute("DELETE FROM line_accounts WHERE app_id = $1 AND user_id = $2",
                             {app_id, user_id}) > 0;
}

}  // namespace callboard::identity
