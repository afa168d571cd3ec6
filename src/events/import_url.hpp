#pragma once

// A list of events that is fetched from a URL: while somebody waits for it, or as a job. What is
// passed in outlives it.

#include <string>

#include "audience/audience.hpp"
#include "base/clock.hpp"
#include "base/error.hpp"
#include "db/database.hpp"
#include "events/event_watcher.hpp"
#include "events/import_rows.hpp"
#include "http/outgoing.hpp"
#include "jobs/work.hpp"

namespace callboard::events {

// What the URL of `import` leads to. Blocks. Throws Error{invalid} for what is wrong with it, and
// an error of that code where it can't be fetched: whoever waits for it gave a wrong URL, a job may
// have more luck later.
ImportRequest fetch_import(const http::OutgoingClient& outgoing, ImportRequest import,
                           ErrorCode unreachable);

inline constexpr jobs::JobKind import_job{"events.import", "imports"};
inline constexpr std::int64_t import_attempts = 5;
// Wants it as a job; returns the job's id. A step of the caller's transaction.
std::int64_t want_import(db::Transaction& transaction, const ImportRequest& import,
                         const audience::AuditEntry& by, Timestamp now);

class ImportJob {
 public:
  ImportJob(db::Database& database, const EventWatcher& watcher,
            const http::OutgoingClient& outgoing, const Clock& clock)
      : database_(database), watcher_(watcher), outgoing_(outgoing), clock_(clock) {}

  // The events and the job's end are one transaction. Rows that are wrong end it for good.
  jobs::Outcome run(jobs::JobContext& context) const;

 private:
  db::Database& database_;
  const EventWatcher& watcher_;
  const http::OutgoingClient& outgoing_;
  const Clock& clock_;
};

}  // namespace callboard::events
