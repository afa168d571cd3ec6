#pragma once

// A bulletin that is sent to its audience: to those for whom its condition holds when they are
// paged, as they are stored, each once.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "bulletins/bulletins.hpp"
#include "db/database.hpp"
#include "reminders/send.hpp"

namespace callboard::reminders {

// How long it may take until everybody has been sent to, at the longest.
inline constexpr std::chrono::hours max_push_time{24};

struct PushRequest {
  std::optional<Timestamp> at;   // nothing: now
  std::string message_template;  // JSON; empty: the bulletin's name and body, as text
};
// {"at"?, "message_template"?}; an empty body is none. Throws Error{invalid} with pointers.
PushRequest push_request_from_json(const boost::json::value& body);

// Steps of the caller's transaction. Throws Error{unprocessable} where nobody would see the
// bulletin then, Error{conflict} where a push of it is under way.
Send push(db::Transaction& transaction, std::string_view app_id,
          const bulletins::Bulletin& bulletin, const PushRequest& request, Timestamp now);
// Nothing: it is gone or disabled.
std::optional<bulletins::Bulletin> find_pushed(db::Transaction& transaction, const Send& send);

bulletins::AudienceReader audience_of(const bulletins::Bulletin& bulletin, std::string_view app_id,
                                      const audience::DataProviders& providers, Timestamp now);
// How many it is for, as things stand. Blocks.
std::int64_t count_audience(db::Database& database, const Send& send,
                            const audience::DataProviders& providers, const Clock& clock);

}  // namespace callboard::reminders
