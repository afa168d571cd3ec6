#include "jobs/running_job.hpp"

#include <array>

#include "base/error.hpp"

namespace callboard::jobs {

bool RunningJob::should_stop() const {
  return workers_.is_stopping() || !workers_.has_lease(worker_) || workers_.is_unwanted(job_.id);
}

void RunningJob::hold(db::Transaction& transaction) const {
  if (hold_job(transaction, worker_, job_)) return;
  throw Error(ErrorCode::conflict, "another worker has this job");
}

void RunningJob::finish(db::Transaction& transaction) const {
  hold(transaction);
  const std::array ids{job_.id};
  complete(transaction, worker_, ids, workers_.clock_.now());
}

void RunningJob::progress(std::int64_t done, std::int64_t total) {
  const MonotonicTime now = workers_.clock_.monotonic();
  if (now < next_progress_ && (total == 0 || done < total)) return;
  next_progress_ = now + progress_pause;
  workers_.database_.write(
      [worker = worker_, id = job_.id, done, total](db::Transaction& transaction) {
        set_progress(transaction, worker, id, done, total);
      },
      [](const std::exception_ptr&) {});
}

}  // namespace callboard::jobs
