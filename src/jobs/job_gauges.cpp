#include "jobs/job_gauges.hpp"

#include <string>

#include "base/error.hpp"
#include "base/log.hpp"

namespace callboard::jobs {

JobGauges::JobGauges(db::Database& database, const Clock& clock, Metrics& metrics)
    : database_(database), clock_(clock) {
  for (std::size_t i = 0; i < waiting_states.size(); ++i) {
    metrics.gauge("callboard_jobs",
                  "Jobs that wait or run, by state; of each at most 100,000 are counted",
                  [counts = counts_, i] { return static_cast<double>(counts->at(i).load()); },
                  {{"state", std::string(waiting_states.at(i))}});
  }
}

void JobGauges::refresh() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || clock_.monotonic() < next_) return;
  next_ = clock_.monotonic() + period;
  try {
    const auto counted =
        database_.get([](db::Transaction& transaction) { return count_waiting(transaction); });
    for (std::size_t i = 0; i < counted.size(); ++i) counts_->at(i) = counted.at(i);
  } catch (const Error& error) {
    log::warning("jobs_not_counted", {{"error", error.message()}});
  }
}

}  // namespace callboard::jobs
