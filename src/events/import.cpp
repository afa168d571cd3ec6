#include "events/import.hpp"

#include <boost/json.hpp>
#include <memory>
#include <utility>

#include "base/kill_point.hpp"

namespace callboard::events {
namespace {

namespace json = boost::json;

// Thrown to undo a rehearsal.
struct Rehearsed {};

struct Importing {
  audience::AuditEntry by;
  std::vector<Draft> drafts;
  ImportCounts counts = {};
  bool is_rehearsed = false;
};

}  // namespace

void import_events(db::Database& database, const EventWatcher& watcher, audience::AuditEntry by,
                   Timestamp now, std::vector<Draft> drafts, bool keeps, Imported done) {
  auto importing = std::make_shared<Importing>(Importing{std::move(by), std::move(drafts)});
  database.write(
      [importing, &watcher, now, keeps](db::Transaction& transaction) {
        EventChanges changes(transaction, watcher, importing->by, now);
        importing->counts = changes.import(importing->drafts);
        kill_point("import.before_commit");
        importing->is_rehearsed = !keeps;
        if (!keeps) throw Rehearsed{};
      },
      [importing, done = std::move(done)](std::exception_ptr failure) {
        done(importing->is_rehearsed ? nullptr : failure, importing->counts);
      });
}

json::object to_json(const ImportCounts& counts, const std::vector<RowError>& errors) {
  json::array shown;
  for (const RowError& error : errors) {
    shown.push_back(
        json::object{{"index", error.index}, {"id", error.id}, {"message", error.message}});
  }
  return {{"created", counts.created},
          {"updated", counts.updated},
          {"unchanged", counts.unchanged},
          {"errors", std::move(shown)}};
}

}  // namespace callboard::events
