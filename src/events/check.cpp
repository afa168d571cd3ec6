#include "events/check.hpp"

#include <fmt/format.h>

#include <optional>
#include <tuple>

#include "base/error.hpp"
#include "events/event.hpp"
#include "events/event_store.hpp"

namespace callboard::events {
namespace {

using Report = std::function<void(std::string)>;

constexpr std::int64_t checked_at_once = 1'000;

struct StoredKey {
  std::string app_id, event_id, owner_id;
};

std::string flaw_of(const db::Row& row) try {
  static const Zone utc("UTC");
  const Event event = read_event(row);
  const Content& content = event.content;
  if (!is_event_id(event.id)) return "its id is none";
  if (content.end < content.start) return "it ends before it starts";
  if (!utc.holds(content.start) || !utc.holds(content.end)) return "its time can't be written";
  if (content.detail && content.detail->size() > max_detail_bytes) return "its detail is too long";
  return event.version < 1 ? "its version is none" : "";
} catch (const Error&) {
  return "its leads are none";
}

// The last of the page; nothing: there was none.
std::optional<StoredKey> check_page(db::Transaction& transaction, const StoredKey& after,
                                    const Report& report) {
  std::optional<StoredKey> last;
  transaction.query(fmt::format("SELECT {}, app_id, owner_id FROM events"
                                " WHERE (app_id, event_id, owner_id) > ($1, $2, $3)"
                                " ORDER BY app_id, event_id, owner_id LIMIT $4",
                                event_columns),
                    {after.app_id, after.event_id, after.owner_id, checked_at_once},
                    [&](const db::Row& row) {
                      last = StoredKey{row.string(event_column_count), row.string(0),
                                       row.string(event_column_count + 1)};
                      const std::string flaw = flaw_of(row);
                      if (!flaw.empty())
                        report("event " + last->event_id + " of " + last->app_id + ": " + flaw);
                    });
  return last;
}

void check_private_events(db::Transaction& transaction, const Report& report) {
  transaction.query(
      "SELECT events.app_id, events.event_id FROM events LEFT JOIN subscriptions "
      "ON subscriptions.app_id = events.app_id AND subscriptions.event_id = events.event_id "
      "AND subscriptions.user_id = events.owner_id "
      "WHERE events.owner_id <> '' AND subscriptions.user_id IS NULL",
      {}, [&](const db::Row& row) {
        report("event " + row.string(1) + " of " + row.string(0) +
               " is a user's own who is not subscribed to it");
      });
}

}  // namespace

void check_stored(db::Transaction& transaction, const Report& report) {
  for (std::optional<StoredKey> last = StoredKey(); last;) {
    last = check_page(transaction, *last, report);
  }
  check_private_events(transaction, report);
}

}  // namespace callboard::events
