#pragma once

// What workers do with jobs at rest: registering, taking a batch, giving it back, ending it. Each
// function is one step of the caller's transaction. A worker's jobs are its own as long as its row
// is there, which it extends by a heartbeat; whoever finds it expired deletes the row and frees the
// jobs in one transaction. So every change that a worker makes is fenced by "running, and mine".

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/database.hpp"
#include "jobs/job.hpp"

namespace callboard::jobs {

using WorkerId = std::int64_t;

// As db::Transaction::numbers_in() takes them.
std::string json_array(std::span<const std::int64_t> numbers);

void register_worker(db::Transaction& transaction, WorkerId worker, std::string_view name,
                     Timestamp now, Timestamp expires);
// False: it was given up, and its jobs are others' now.
[[nodiscard]] bool extend_worker(db::Transaction& transaction, WorkerId worker, Timestamp now,
                                 Timestamp expires);
// Its jobs are free, without an attempt being counted: it stops in good order.
void remove_worker(db::Transaction& transaction, WorkerId worker, Timestamp now);
// Frees the jobs of every other worker whose time is over. True: there was one.
bool give_up_expired(db::Transaction& transaction, WorkerId but_not, Timestamp now);
// Of a worker's running jobs: those that an operator wants ended.
std::vector<std::int64_t> unwanted_jobs(db::Transaction& transaction, WorkerId worker);

// What is there to be done.
struct Outlook {
  std::optional<Timestamp> next_due;  // of what is scheduled or to be tried again
  std::vector<bool> has_available;    // of each kind that was asked for
};
Outlook outlook(db::Transaction& transaction, std::span<const std::string_view> kinds);

inline constexpr std::int64_t promoted_at_once = 1'000;
// What is due becomes available.
void promote_due(db::Transaction& transaction, Timestamp now);
// Takes up to so many of a kind, in their order. The worker is held; nothing: it was given up.
[[nodiscard]] bool hold_worker(db::Transaction& transaction, WorkerId worker);
std::vector<Job> claim(db::Transaction& transaction, WorkerId worker, std::string_view kind,
                       std::size_t most, Timestamp now);
// What it took at just that time is free again, as if it had not.
void give_back(db::Transaction& transaction, WorkerId worker, Timestamp claimed_at);

// Whether the job still runs for that worker; then it does until the transaction ends.
[[nodiscard]] bool hold_job(db::Transaction& transaction, WorkerId worker, const Job& job);

// Those that are done go to the history, or run again where somebody asked for that meanwhile.
// Returns how many really were the worker's.
std::size_t complete(db::Transaction& transaction, WorkerId worker,
                     std::span<const std::int64_t> job_ids, Timestamp now);
// To be tried again, or (nothing) given up. One that an operator wants ended is cancelled.
void fail(db::Transaction& transaction, WorkerId worker, const Job& job, std::string_view message,
          std::optional<Timestamp> retry_at, Timestamp now);
// Goes on at that time; the attempt does not count.
void snooze(db::Transaction& transaction, WorkerId worker, const Job& job, Timestamp until,
            Timestamp now);
// {"done","total"}, shown to operators.
void set_progress(db::Transaction& transaction, WorkerId worker, std::int64_t job_id,
                  std::int64_t done, std::int64_t total);

// Jobs that wait go to the history in that state, and are counted: how operators end them. Returns
// how many there were.
std::size_t end_waiting(db::Transaction& transaction, std::span<const std::int64_t> job_ids,
                        std::string_view state, Timestamp now);

}  // namespace callboard::jobs
