#pragma once

// Events as values, and how requests and answers write them. Pure; any thread.
//
// The detail is a text of whoever made the event, JSON by custom, and nothing here depends on what
// is in it.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/json_reader.hpp"
#include "events/event_id.hpp"
#include "events/event_time.hpp"
#include "events/leads.hpp"

namespace callboard::events {

inline constexpr std::size_t max_detail_bytes = std::size_t{16} << 10;

// What its author says of an event.
struct Content {
  Timestamp start;
  Timestamp end;                      // not before the start
  std::optional<std::string> detail;  // nothing: null
  friend bool operator==(const Content&, const Content&) = default;
};

struct Event {
  std::string id;
  Content content;
  std::int64_t version = 1;  // grows when the start moves, and only then
  Timestamp created_at;
  Timestamp updated_at;
  Leads leads_minutes = std::nullopt;  // of the application's events alone
};

// The order of lists: by start and id.
bool is_before(const Event& left, const Event& right);

// A new event. Without an id its content decides which it is.
struct Draft {
  std::string id;
  Content content;
  std::optional<Leads> leads_minutes = std::nullopt;  // nothing: it does not say
};

// What is to be changed of one.
struct Revision {
  std::optional<Timestamp> start, end;
  std::optional<std::optional<std::string>> detail;
  std::optional<Leads> leads_minutes = std::nullopt;
};

// Throw Error{invalid} with a pointer for each culprit; unknown members are refused.
Draft draft_from_json(const boost::json::value& body, const Zone& zone,
                      const std::string& pointer = "");
// `id`: of the event, which the body may repeat together with the members of an event that are not
// the author's. `whole`: the times must be there, a missing detail is none, and
// missing leads are the application's.
Revision revision_from_json(const boost::json::value& body, std::string_view id, bool whole,
                            const Zone& zone);
// As it is after that, but for what follows from it: version and update. Throws Error{invalid}
// where it would end before it starts.
Event revised(Event event, const Revision& revision);

// Their pieces, for readers of other bodies. Errors are recorded in the reader.
// A text or a whole number; nothing where absent or null.
std::optional<std::string> read_event_id(JsonReader& reader);
std::optional<std::string> read_detail(JsonReader& reader);
// Both times, or what is wrong with them.
Content read_content(JsonReader& reader, const Zone& zone);

// Appends the event as people are shown it: id, times with the zone's offset, detail.
void append_event(std::string& out, const Event& event, const Zone& zone);
boost::json::object to_json(const Event& event, const Zone& zone);

}  // namespace callboard::events
