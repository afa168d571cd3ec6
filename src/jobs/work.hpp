#pragma once

// How a kind of job is done: the function, and how many at once. Given to Workers by app/.

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/token_buckets.hpp"
#include "db/database.hpp"
#include "jobs/job.hpp"

namespace callboard::jobs {

// What a function finds of the job it does. Belongs to the call; the thread that runs it.
class JobContext {
 public:
  virtual ~JobContext() = default;
  virtual const Job& job() const = 0;
  // The server stops, an operator wants the job ended, or it is another worker's by now: return
  // soon, with what is done so far kept and snoozing till now.
  virtual bool should_stop() const = 0;
  // The job stays this worker's until the transaction ends. Throws Error{conflict} where it is not:
  // for every transaction of a job that must not run beside its successor.
  virtual void hold(db::Transaction& transaction) const = 0;
  // Done, if and only if the transaction commits; then return Finished. Throws as hold().
  virtual void finish(db::Transaction& transaction) const = 0;
  // Shown to operators; written now and then. `total`: 0 where nobody knows.
  virtual void progress(std::int64_t done, std::int64_t total) = 0;
};

namespace outcome {
struct Completed {};
struct Finished {};  // JobContext::finish() said so
struct Snoozed {     // goes on at that time
  Timestamp until;
};
struct Discarded {  // for good
  std::string why;
};
}  // namespace outcome
using Outcome =
    std::variant<outcome::Completed, outcome::Finished, outcome::Snoozed, outcome::Discarded>;

struct Work {
  JobKind kind;
  // Blocks as long as it likes. What it throws is a failed attempt, to be tried again where that
  // may help (is_worth_retrying()).
  std::function<Outcome(JobContext&)> run;
  RetryPolicy retry = {};
  std::size_t threads = 1;   // at once on each node
  std::size_t prefetch = 0;  // taken beyond them, for work that is over in no time
  Rate rate = {};            // most that are begun on each node
};

// Whether another attempt may go better: not where the input, or what it is about, is to blame.
bool is_worth_retrying(ErrorCode code);

}  // namespace callboard::jobs
