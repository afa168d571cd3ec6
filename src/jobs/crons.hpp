#pragma once

// What recurs: entries in the program, and in the database when each is due next, so that one of
// several nodes puts its job in, once for each time. What came due while nobody worked is done
// once, late.
//
// Owned by Workers; used by one thread at a time.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/cron.hpp"
#include "jobs/job.hpp"

namespace callboard::jobs {

struct Cron {
  std::string_view name;
  JobKind kind;
  std::string_view schedule;           // five fields, see cron.hpp
  std::string_view time_zone = "UTC";  // an IANA name
};

class Crons {
 public:
  // Throws Error{invalid} for a schedule that is none.
  explicit Crons(const std::vector<Cron>& crons);

  // Enters what is not known yet and puts in the jobs of what is due. Returns when the next one is,
  // which is for set_next_due() when the transaction is committed.
  std::optional<Timestamp> run_due(db::Transaction& transaction, Timestamp now) const;
  // Nothing: never again. At first: at once.
  std::optional<Timestamp> next_due() const { return next_due_; }
  void set_next_due(std::optional<Timestamp> next) { next_due_ = next; }

 private:
  struct Entry {
    Cron cron;
    CronSchedule schedule;
  };
  static std::optional<Timestamp> run_one(db::Transaction& transaction, const Entry& entry,
                                          Timestamp now);

  std::vector<Entry> entries_;
  std::optional<Timestamp> next_due_;
};

// For operators: when each entry ran last and runs next.
struct ShownCron {
  std::string name;
  Timestamp next_at;
  std::optional<Timestamp> last_at;
};
std::vector<ShownCron> list_crons(db::Transaction& transaction);

}  // namespace callboard::jobs
