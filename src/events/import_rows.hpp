#pragma once

// Rows of an import, read into drafts of events. A row has either this program's shape, with
// `event_time_start` and `event_time_end`, or the festival's:
//
//   {"id","name","activity","project","description","date":"3/2","startTime":"09:00",
//    "endTime":"10:20","location","host","link"}
//
// The whole of such a row becomes the event's detail, members that are not named here too. One that
// ends at an earlier time of day than it starts ends on the next day. Pure; any thread.

#include <boost/json/array.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "events/event.hpp"

namespace callboard::events {

inline constexpr std::size_t max_import_rows = 10'000;

struct ImportOptions {
  std::optional<int> year;  // of dates that have none
  std::string time_zone;    // of times that have none
  bool dry_run = false;     // nothing of it is kept
  bool skip_bad = false;    // what is right is kept, though other rows are wrong
};

// What an import's body asks for: rows, or where to get them.
struct ImportRequest {
  ImportOptions options;
  boost::json::array rows;
  std::string url;  // empty: there are rows
};
// An array of rows, or {"events":[...]} or {"url":"..."} with any of the options. `options`: what
// holds where the body says nothing else. Throws Error{invalid}.
ImportRequest import_request_from_json(boost::json::value body, ImportOptions options);

struct RowError {
  std::size_t index;    // of the row, from 0
  std::string id;       // empty: it has none that can be read
  std::string message;  // names the member
};
struct ReadRows {
  std::vector<Draft> drafts;  // no id twice
  std::vector<RowError> errors;
};
// Throws Error{invalid} where the time zone is none.
ReadRows read_rows(const boost::json::array& rows, const ImportOptions& options);

}  // namespace callboard::events
