#pragma once

// The context of a job that a worker runs. Lives on the stack of the thread that runs it.

#include "jobs/claims.hpp"
#include "jobs/work.hpp"
#include "jobs/workers.hpp"

namespace callboard::jobs {

class RunningJob final : public JobContext {
 public:
  // Progress is written no more often.
  static constexpr std::chrono::milliseconds progress_pause{500};

  RunningJob(Workers& workers, const Job& job, WorkerId worker)
      : workers_(workers), job_(job), worker_(worker) {}

  const Job& job() const override { return job_; }
  bool should_stop() const override;
  void hold(db::Transaction& transaction) const override;
  void finish(db::Transaction& transaction) const override;
  void progress(std::int64_t done, std::int64_t total) override;

 private:
  Workers& workers_;
  const Job& job_;
  const WorkerId worker_;
  MonotonicTime next_progress_{};
};

}  // namespace callboard::jobs
