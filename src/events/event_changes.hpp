#pragma once

// What an operator does to an application's events, within one transaction: nobody else changes
// them meanwhile, everything is recorded in the audit log, announced, and told to the watcher. Used
// by one thread.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <span>
#include <string_view>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/event.hpp"
#include "events/event_watcher.hpp"

namespace callboard::events {

struct ImportCounts {
  std::size_t created = 0, updated = 0, unchanged = 0;
};

class EventChanges {
 public:
  // `by`: who does it, in which application; action and subject are filled in here. `watcher`
  // outlives the changes.
  EventChanges(db::Transaction& transaction, const EventWatcher& watcher, audience::AuditEntry by,
               Timestamp now);

  // Throws Error{conflict} where the application has one of that id, Error{unprocessable} where it
  // has as many as it may. Private events of the id are gone, their subscribers have this one.
  Event create(Draft draft);
  // Throws Error{not_found}. What changes nothing leaves no trace.
  Event update(std::string_view event_id, const Revision& revision);
  // With its subscriptions. Throws Error{not_found}.
  void erase(std::string_view event_id);
  // Each draft becomes an event, or what the event of its id says; leads that it does not name stay
  // as they are. No id is there twice.
  ImportCounts import(std::span<const Draft> drafts);

 private:
  EventKey key_of(std::string_view event_id) const;
  Event require(std::string_view event_id);
  void refuse_too_many(std::size_t more);
  Event insert(Draft draft);
  // False: it is the same, and nothing was written.
  bool replace(const Event& before, Event& after);
  void finish(std::string_view action, std::string_view event_id, const Event* before,
              const Event* after);
  void record(std::string_view action, std::string_view event_id, std::string before,
              std::string after);

  db::Transaction& transaction_;
  const EventWatcher& watcher_;
  const audience::AuditEntry by_;
  const Timestamp now_;
};

}  // namespace callboard::events
