#include "events/event_changes.hpp"

#include <boost/json.hpp>
#include <map>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "base/json.hpp"
#include "events/event_store.hpp"
#include "events/subscription_store.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

// As the audit log has it.
std::string recorded(const Event* event) {
  static const Zone utc("UTC");
  std::string text;
  if (event == nullptr) return text;
  append_event(text, *event, utc);
  if (event->leads_minutes) {
    text.pop_back();
    append_leads(text, event->leads_minutes);
    text += '}';
  }
  return text;
}

}  // namespace

EventChanges::EventChanges(db::Transaction& transaction, const EventWatcher& watcher,
                           audience::AuditEntry by, Timestamp now)
    : transaction_(transaction), watcher_(watcher), by_(std::move(by)), now_(now) {
  lock_events(transaction_, by_.app_id);
}

Event EventChanges::create(Draft draft) {
  if (find_event(transaction_, by_.app_id, draft.id)) {
    throw Error(ErrorCode::conflict, "there is an event " + draft.id + " already");
  }
  refuse_too_many(1);
  const Event event = insert(std::move(draft));
  watcher_.private_copies_adopted(transaction_, by_.app_id, event.id);
  adopt_private_copies(transaction_, by_.app_id, event.id);
  finish("event.create", event.id, nullptr, &event);
  return event;
}

Event EventChanges::update(std::string_view event_id, const Revision& revision) {
  const Event before = require(event_id);
  Event after = revised(before, revision);
  if (replace(before, after)) finish("event.update", event_id, &before, &after);
  return after;
}

void EventChanges::erase(std::string_view event_id) {
  const Event event = require(event_id);
  transaction_.take_your_time();
  watcher_.event_erased(transaction_, key_of(event_id));
  delete_event(transaction_, by_.app_id, event_id);
  // Also where nobody seems to be subscribed: somebody may be about to commit it.
  transaction_.announce(by_.app_id, audience::provided_change, "");
  finish("event.delete", event_id, &event, nullptr);
}

ImportCounts EventChanges::import(std::span<const Draft> drafts) {
  std::map<std::string, Event, std::less<>> known;
  each_event(transaction_, by_.app_id, [&](Event event) {
    std::string id = event.id;
    known.emplace(std::move(id), std::move(event));
  });
  ImportCounts counts;
  for (const Draft& draft : drafts) {
    const auto found = known.find(draft.id);
    if (found == known.end()) {
      if (++counts.created == 1) transaction_.take_your_time();
      insert(draft);
    } else {
      Event after = found->second;
      after.content = draft.content;
      if (draft.leads_minutes) after.leads_minutes = *draft.leads_minutes;
      ++(replace(found->second, after) ? counts.updated : counts.unchanged);
    }
  }
  refuse_too_many(0);
  if (counts.created + counts.updated == 0) return counts;
  if (counts.created > 0) {
    watcher_.private_copies_adopted(transaction_, by_.app_id, "");
    adopt_all_private_copies(transaction_, by_.app_id);
  }
  transaction_.announce(by_.app_id, event_change, "");
  record("event.import", "", "",
         json::serialize(json::object{{"created", counts.created}, {"updated", counts.updated}}));
  return counts;
}

EventKey EventChanges::key_of(std::string_view event_id) const {
  return {by_.app_id, event_id, of_application};
}

Event EventChanges::require(std::string_view event_id) {
  auto event = find_event(transaction_, by_.app_id, event_id);
  if (!event) throw Error(ErrorCode::not_found, "there is no such event");
  return *std::move(event);
}

void EventChanges::refuse_too_many(std::size_t more) {
  const auto count = count_events(transaction_, by_.app_id) + static_cast<std::int64_t>(more);
  if (count <= max_events_per_app) return;
  throw Error(ErrorCode::unprocessable,
              "an application can have " + std::to_string(max_events_per_app) + " events");
}

Event EventChanges::insert(Draft draft) {
  Leads leads = std::move(draft.leads_minutes).value_or(Leads());
  const Event event{std::move(draft.id), std::move(draft.content), 1, now_, now_, std::move(leads)};
  insert_event(transaction_, by_.app_id, event);
  watcher_.event_written(transaction_, key_of(event.id), event, nullptr);
  return event;
}

bool EventChanges::replace(const Event& before, Event& after) {
  if (after.content == before.content && after.leads_minutes == before.leads_minutes) return false;
  if (after.content.start != before.content.start) ++after.version;
  after.updated_at = now_;
  replace_event(transaction_, by_.app_id, after);
  watcher_.event_written(transaction_, key_of(before.id), after, &before);
  return true;
}

void EventChanges::finish(std::string_view action, std::string_view event_id, const Event* before,
                          const Event* after) {
  transaction_.announce(by_.app_id, event_change, event_id);
  record(action, event_id, recorded(before), recorded(after));
}

void EventChanges::record(std::string_view action, std::string_view event_id, std::string before,
                          std::string after) {
  audience::AuditEntry entry = by_;
  entry.action = action;
  if (!event_id.empty()) entry.subject = "event/" + std::string(event_id);
  entry.before = std::move(before);
  entry.after = std::move(after);
  audience::record(transaction_, entry, now_);
}

}  // namespace callboard::events
