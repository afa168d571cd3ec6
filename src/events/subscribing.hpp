#pragma once

// A user subscribes: to one event, defining it where the application has none of that id, or to all
// that are still to come. Limit and duplicates are decided under the user's own lock, so that any
// number of requests at once keep to them. The watcher is told. Steps of the caller's transaction;
// one thread.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audience/audience.hpp"
#include "base/error.hpp"
#include "db/database.hpp"
#include "events/event.hpp"
#include "events/event_watcher.hpp"

namespace callboard::events {

// Of one user, those of events that have ended among them, where the application's own limit leaves
// those out: so that nobody fills the database with them. A higher limit of the application counts.
inline constexpr std::int64_t max_subscriptions_with_ended = 1000;

struct Subscriber {
  std::string app_id, user_id;
};

// What a user asks to be subscribed to.
struct Wish {
  std::string id;
  // What the user says that it is; else what is wrong with that, which matters only where the
  // application has no event of the id.
  std::optional<Content> content;
  std::optional<Error> flaw = std::nullopt;
  bool remind = true;
};
// Members that are not of an event are ignored. Throws Error{invalid} where it can't be known which
// event is meant.
Wish wish_from_json(const boost::json::value& body, const Zone& zone, bool remind);

// Throws Error{conflict} where the user is subscribed to it, Error{unprocessable} where to as many
// as may be, Error{not_found} where nobody but operators defines events or the event is deleted at
// the same time, Error{invalid} with the content's flaw.
Event subscribe(db::Transaction& transaction, const EventWatcher& watcher,
                const Subscriber& subscriber, const Wish& wish,
                const audience::AppSettings& settings, Timestamp now);

struct SubscribedAll {
  std::vector<std::string> added;                                   // by start
  std::vector<std::pair<std::string, std::string_view>> not_added;  // and why not
};
// To the application's events that have not started, the earliest first, up to the limit.
SubscribedAll subscribe_all(db::Transaction& transaction, const EventWatcher& watcher,
                            const Subscriber& subscriber, bool remind,
                            const audience::AppSettings& settings, Timestamp now);

// Whether there was anything to undo.
bool unsubscribe(db::Transaction& transaction, const EventWatcher& watcher,
                 const Subscriber& subscriber, std::string_view event_id);

}  // namespace callboard::events
