#pragma once

// What is counted of one kind of job. Any thread.

#include <string>

#include "base/metrics.hpp"
#include "jobs/job.hpp"

namespace callboard::jobs {

struct KindMetrics {
  Counter& completed;
  Counter& retried;
  Counter& discarded;
  Histogram& lateness;

  KindMetrics(Metrics& metrics, const JobKind& kind)
      : completed(ended(metrics, kind, "completed")),
        retried(ended(metrics, kind, "retried")),
        discarded(ended(metrics, kind, "discarded")),
        lateness(metrics.histogram("callboard_job_lateness_seconds",
                                   "How long after they were due jobs were taken",
                                   {{"kind", std::string(kind.name)}})) {}

 private:
  static Counter& ended(Metrics& metrics, const JobKind& kind, const char* outcome) {
    return metrics.counter("callboard_job_attempts_total", "Attempts at jobs, by how they ended",
                           {{"kind", std::string(kind.name)}, {"outcome", outcome}});
  }
};

}  // namespace callboard::jobs
