#pragma once

// An import of events as one transaction. Any thread; does not block. `database` and `watcher`
// outlive it.

#include <boost/json/fwd.hpp>
#include <exception>
#include <functional>
#include <vector>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "db/database.hpp"
#include "events/event_changes.hpp"
#include "events/import_rows.hpp"

namespace callboard::events {

// Called once, on a database thread that it must not block: with what was done, or would have been,
// or with what kept it from being done.
using Imported = std::function<void(std::exception_ptr, ImportCounts)>;

// `keeps`: false undoes it all, so that only the counts come of it.
void import_events(db::Database& database, const EventWatcher& watcher, audience::AuditEntry by,
                   Timestamp now, std::vector<Draft> drafts, bool keeps, Imported done);

// {"created","updated","unchanged","errors":[{"index","id","message"}]}
boost::json::object to_json(const ImportCounts& counts, const std::vector<RowError>& errors);

}  // namespace callboard::events
