#pragma once

// What operators see of sends: how many people each reached so far, and each person's outcome. Each
// function is one step of the caller's transaction.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

inline constexpr std::int64_t max_sends_listed = 100, max_recipients_listed = 1'000,
                              max_deliveries_listed = 1'000;

// People by outcome. Nobody is counted twice.
struct SendCounts {
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t unknown = 0;  // LINE may have accepted it, and never said
  std::int64_t skipped = 0;  // for a reason that each recipient shows
  std::int64_t pending = 0;
};
SendCounts count_recipients(db::Transaction& transaction, std::string_view send_id);

// Of an application, the latest by due time first.
struct SendFilter {
  std::string state, event_id;  // empty: any
  std::optional<Timestamp> due_before;
  std::int64_t limit = max_sends_listed;
};
std::vector<Send> list_sends(db::Transaction& transaction, std::string_view app_id,
                             const SendFilter& filter);
boost::json::object to_json(const Send& send, const SendCounts& counts);

// In the order of their ids, those above `after`.
struct RecipientFilter {
  std::string outcome;  // accepted, rejected, unknown, skipped or pending; empty: any
  std::string after;
  std::int64_t limit = max_recipients_listed;
};
boost::json::array list_recipients(db::Transaction& transaction, std::string_view send_id,
                                   const RecipientFilter& filter);
// Its calls to LINE, in the order of their making.
boost::json::array list_deliveries(db::Transaction& transaction, std::string_view send_id);

// Channels of an application that LINE takes nothing from for now.
boost::json::array list_holds(db::Transaction& transaction, std::string_view channel_id);

}  // namespace callboard::reminders
