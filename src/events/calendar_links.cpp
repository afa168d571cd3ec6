#include "events/calendar_links.hpp"

#include <algorithm>
#include <cctype>

#include "base/random.hpp"
#include "crypto/sha256.hpp"

namespace callboard::events {
namespace {

constexpr std::size_t token_entropy_bytes = 32;
constexpr std::size_t token_characters = 43;  // of base64 for so many bytes

}  // namespace

std::string issue_calendar_link(db::Transaction& transaction, std::string_view app_id,
                                std::string_view user_id, Timestamp now) {
  std::string token = random_token(token_entropy_bytes);
  const HexDigest hash = sha256_hex(token);
  transaction.execute(
      "INSERT INTO calendar_links (app_id, user_id, hash, created_at_ms) VALUES ($1, $2, $3, $4) "
      "ON CONFLICT (app_id, user_id) DO UPDATE SET hash = $3, created_at_ms = $4",
      {app_id, user_id, view(hash), unix_ms(now)});
  return token;
}

bool revoke_calendar_link(db::Transaction& transaction, std::string_view app_id,
                          std::string_view user_id) {
  return transaction.execute("DELETE FROM calendar_links WHERE app_id = $1 AND user_id = $2",
                             {app_id, user_id}) > 0;
}

bool is_calendar_token(std::string_view text) {
  return text.size() == token_characters && std::ranges::all_of(text, [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_';
         });
}

std::optional<CalendarOwner> owner_of_calendar(db::Transaction& transaction,
                                               std::string_view token) {
  const HexDigest hash = sha256_hex(token);
  return transaction.first(
      "SELECT app_id, user_id FROM calendar_links WHERE hash = $1", {view(hash)},
      [](const db::Row& row) { return CalendarOwner{row.string(0), row.string(1)}; });
}

}  // namespace callboard::events
