#pragma once

// What must follow from changes to events and subscriptions within the transaction that makes them,
// so that neither is ever there without the other. This folder calls it; folders above implement
// it. Each call is one step of that transaction, made under the locks that the change took; what it
// throws undoes the change. One value serves many threads at once.
//
// An application that is deleted takes its events with it and nothing is called: what follows from
// them refers to the application and goes the same way.

#include <string_view>

#include "db/database.hpp"
#include "events/event.hpp"

namespace callboard::events {

struct EventKey {
  std::string_view app_id, event_id, owner_id;  // owner: of_application or a user
};

class EventWatcher {
 public:
  virtual ~EventWatcher() = default;
  // A new event (`before`: null), or one that was changed: its start, end, detail or leads. The row
  // is written by now. A user's own is written before the user is subscribed to it.
  virtual void event_written(db::Transaction& transaction, const EventKey& key, const Event& after,
                             const Event* before) const = 0;
  // Before it goes, with its subscriptions. The one of a user's own may have gone already.
  virtual void event_erased(db::Transaction& transaction, const EventKey& key) const = 0;
  // Private events of users go, because the application has one of that id, of which
  // event_written() has told; their subscribers will have that one. Called before they go, also
  // where there are none. Empty `event_id`: those of every id that the application has.
  virtual void private_copies_adopted(db::Transaction& transaction, std::string_view app_id,
                                      std::string_view event_id) const = 0;
  // Before a user is subscribed to an event that is not their own: nothing that others do at the
  // same time with what follows from the event may miss them.
  virtual void subscribing(db::Transaction& transaction, const EventKey& key) const = 0;
  // A user is subscribed as of now and wants to be reminded. Who wants no reminders, or is
  // subscribed to another event because theirs was adopted, is not told of.
  virtual void subscribed(db::Transaction& transaction, const EventKey& key, const Event& event,
                          std::string_view user_id) const = 0;
};

// Nothing follows: for tests and what has no reminders.
class Unwatched final : public EventWatcher {
 public:
  void event_written(db::Transaction&, const EventKey&, const Event&, const Event*) const override {
  }
  void event_erased(db::Transaction&, const EventKey&) const override {}
  void private_copies_adopted(db::Transaction&, std::string_view, std::string_view) const override {
  }
  void subscribing(db::Transaction&, const EventKey&) const override {}
  void subscribed(db::Transaction&, const EventKey&, const Event&,
                  std::string_view) const override {}
};

}  // namespace callboard::events
