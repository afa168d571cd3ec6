#pragma once

// Does the jobs: on each node that works, threads for each kind, and one that takes jobs in batches
// when it is told that there are some, when the next one is due, and once a second in any case. A
// worker is known to the others by a row that a heartbeat extends; when that fails for a lease's
// time, its jobs are theirs, and what it still writes about them is refused.
//
// Owned by app/; start() and stop() are idempotent, any thread.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "jobs/claims.hpp"
#include "jobs/crons.hpp"
#include "jobs/finisher.hpp"
#include "jobs/work.hpp"

namespace callboard::jobs {

class KindQueue;
struct TakenJob;

struct WorkerOptions {
  std::chrono::milliseconds lease{30'000};
  double backoff_scale = 1;  // of every pause before another attempt; for tests
  // Nobody else works on the database: whoever is known there when this one starts is dead.
  bool is_alone = false;
};
inline constexpr std::chrono::milliseconds min_lease{100}, max_lease{3'600'000};

class Workers {
 public:
  // A bound on how late a job is of which nobody was told.
  static constexpr std::chrono::milliseconds look_period{1'000};
  // What is due and locked by somebody else is looked at again after it.
  static constexpr std::chrono::milliseconds shortest_pause{10};
  // Heartbeats in a lease's time.
  static constexpr int heartbeats_a_lease = 4;

  // Subscribes to the database's changes: construct before Database::start_following().
  Workers(db::Database& database, std::vector<Work> works, std::vector<Cron> crons,
          const Clock& clock, Metrics& metrics, WorkerOptions options = {});
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void start();
  // Takes nothing more, gives back what was not begun, waits for what runs, which finds that it
  // should stop.
  void stop();

  // Does what is due now and what becomes due by it, on the calling thread, before it returns:
  // for tests, in the place of start().
  void work_off();

 private:
  friend class RunningJob;
  struct Signal;

  void coordinate();
  void look();
  void register_anew();
  void give_up_others();
  void take(Timestamp now, bool is_due);
  void keep_alive();
  void beat(WorkerId worker);
  void run_in(KindQueue& queue);
  void run(const KindQueue& queue, const TakenJob& taken);
  void end(const KindQueue& queue, const TakenJob& taken, const Outcome& outcome);
  void end_failed(const KindQueue& queue, const TakenJob& taken, const std::string& why,
                  bool may_retry);
  bool is_stopping() const { return stopping_.load(std::memory_order_relaxed); }
  bool is_unwanted(std::int64_t job_id);
  // Whether its jobs are surely its own still: not after a suspension, until it has made sure.
  bool has_lease(WorkerId worker) const;
  std::chrono::milliseconds scaled(std::chrono::milliseconds pause) const;

  db::Database& database_;
  const Clock& clock_;
  const WorkerOptions options_;
  Crons crons_;
  const std::string name_;
  std::vector<std::unique_ptr<KindQueue>> queues_;
  std::vector<std::string_view> kinds_;  // of queues_, in order
  // Shared with the subscription to the database, which may outlive this.
  const std::shared_ptr<Signal> signal_;
  Finisher finisher_;
  std::atomic<WorkerId> worker_{0};                     // 0: to be registered
  std::atomic<Timestamp> lease_end_{Timestamp::min()};  // as the database has it
  std::atomic<bool> stopping_{false};
  std::optional<Timestamp> next_due_;  // of the coordinator
  bool there_is_more_ = false;         // of the coordinator: a batch was full
  MonotonicTime next_give_up_{};       // of the coordinator
  // Of the coordinator: claims of which it is not known whether they were committed, and whose jobs
  // nobody runs; by their time, which is that of no other claim. A commit may come late.
  struct UnheardClaim {
    Timestamp at;
    MonotonicTime forget_at;
  };
  std::vector<UnheardClaim> unheard_;
  Timestamp last_claim_{};  // of the coordinator
  std::mutex unwanted_mutex_;
  std::vector<std::int64_t>
      unwanted_;  // guarded by unwanted_mutex_: jobs that operators want ended
  std::vector<std::thread> threads_;
};

}  // namespace callboard::jobs
