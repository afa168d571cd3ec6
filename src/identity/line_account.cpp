#include "identity/line_account.hpp"

#include <boost/json.hpp>

namespace callboard::identity {
namespace {

constexpr std::string_view select_accounts =
    "SELECT user_id, name, picture_url, blocked_at_ms, created_at_ms, updated_at_ms"
    " FROM line_accounts ";

LineAccount read_account(const db::Row& row) {
  LineAccount account{row.string(0),
                      row.string(1),
                      row.string(2),
                      std::nullopt,
                      timestamp_from_ms(row.integer(4)),
                      timestamp_from_ms(row.integer(5))};
  if (const auto blocked = row.optional_integer(3)) account.blocked_at = timestamp_from_ms(*blocked);
  return account;
}

// At the end of a character.
std::string_view cut(std::string_view text) {
  if (text.size() <= max_profile_text_bytes) return text;
  std::size_t end = max_profile_text_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

std::optional<LineAccount> find_line_account(db::Transaction& transaction, std::string_view app_id,
                                             std::string_view user_id) {
  return transaction.first(std::string(select_accounts) + "WHERE app_id = $1 AND user_id = $2",
                           {app_id, user_id}, read_account);
}

void list_line_accounts(db::Transaction& transaction, std::string_view app_id, std::int64_t limit,
                        std::int64_t offset, const std::function<void(const LineAccount&)>& each) {
  transaction.query(
      std::string(select_accounts) + "WHERE app_id = $1 ORDER BY user_id LIMIT $2 OFFSET $3",
      {app_id, limit, offset}, [&](const db::Row& row) { each(read_account(row)); });
}

void save_profile(db::Transaction& transaction, std::string_view app_id, const LineAccount& account,
                  Timestamp now) {
  transaction.execute(
      "INSERT INTO line_accounts (app_id, user_id, name, picture_url, status_at_ms, created_at_ms,"
      " updated_at_ms) VALUES ($1, $2, $3, $4, 0, $5, $5) ON CONFLICT (app_id, user_id)"
      " DO UPDATE SET name = excluded.name, picture_url = excluded.picture_url,"
      " updated_at_ms = excluded.updated_at_ms",
      {app_id, account.user_id, cut(account.name), cut(account.picture_url), unix_ms(now)});
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

boost::json::object show_line_account(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view user_id) {
  const auto account = find_line_account(transaction, app_id, user_id);
  if (!account) return {};
  boost::json::object shown{{"name", account->name},
                            {"picture_url", account->picture_url},
                            {"created_at", rfc3339(account->created_at)},
                            {"updated_at", rfc3339(account->updated_at)}};
  if (account->blocked_at) shown["blocked_at"] = rfc3339(*account->blocked_at);
  return {{"line_account", std::move(shown)}};
}

bool erase_line_account(db::Transaction& transaction, std::string_view app_id,
                        std::string_view user_id) {
  return transaction.execute("DELETE FROM line_accounts WHERE app_id = $1 AND user_id = $2",
                             {app_id, user_id}) > 0;
}

}  // namespace callboard::identity
