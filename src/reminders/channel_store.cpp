#include "reminders/channel_store.hpp"

namespace callboard::reminders {

bool take_channel(db::Transaction& transaction, std::string_view channel_id,
                  std::string_view sender, Timestamp since) {
  const auto others = transaction.first(
      "SELECT CASE WHEN sender <> $2 AND (left_at_ms IS NULL OR left_at_ms > $3) THEN 1 ELSE 0 END"
      " FROM send_channels WHERE channel_id = $1" +
          transaction.hold_rows("send_channels"),
      {channel_id, sender, unix_ms(since)}, [](const db::Row& row) { return row.integer(0) != 0; });
  transaction.execute(
      "INSERT INTO send_channels (channel_id, sender) VALUES ($1, $2)"
      " ON CONFLICT (channel_id) DO UPDATE SET sender = $2, left_at_ms = NULL",
      {channel_id, sender});
  return others.value_or(false);
}

void leave_channel(db::Transaction& transaction, std::string_view channel_id,
                   std::string_view sender, Timestamp now) {
  transaction.execute(
      "UPDATE send_channels SET left_at_ms = $3 WHERE channel_id = $1 AND sender = $2",
      {channel_id, sender, unix_ms(now)});
}

std::optional<ChannelHold> find_hold(db::Transaction& transaction, std::string_view channel_id) {
  return transaction.first(
      "SELECT channel_id, hold_reason, held_since_ms, held_until_ms FROM send_channels"
      " WHERE channel_id = $1 AND held_until_ms IS NOT NULL",
      {channel_id}, [](const db::Row& row) {
        return ChannelHold{row.string(0), row.string(1), timestamp_from_ms(row.integer(2)),
                           timestamp_from_ms(row.integer(3))};
      });
}

void hold_channel(db::Transaction& transaction, std::string_view channel_id,
                  std::string_view reason, Timestamp until, Timestamp now) {
  transaction.execute(
      "UPDATE send_channels SET hold_reason = $2, held_until_ms = $3,"
      " held_since_ms = COALESCE(held_since_ms, $4) WHERE channel_id = $1",
      {channel_id, reason, unix_ms(until), unix_ms(now)});
}

void release_channel(db::Transaction& transaction, std::string_view channel_id) {
  transaction.execute(
      "UPDATE send_channels SET hold_reason = '', held_until_ms = NULL, held_since_ms = NULL"
      " WHERE channel_id = $1 AND held_until_ms IS NOT NULL",
      {channel_id});
}

}  // namespace callboard::reminders
