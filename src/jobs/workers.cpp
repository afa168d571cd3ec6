#include "jobs/workers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

#include "base/error.hpp"
#include "base/kill_point.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "jobs/job_store.hpp"
#include "jobs/kind_queue.hpp"
#include "jobs/running_job.hpp"

namespace callboard::jobs {
namespace {

constexpr std::size_t max_host_bytes = 255;

WorkerId new_worker_id() {
  WorkerId number = 0;
  const std::string bytes = random_bytes(sizeof number);
  std::memcpy(&number, bytes.data(), sizeof number);
  return std::abs(number / 2) + 1;  // 0 is nobody
}

std::string host_and_process() {
  std::string host(max_host_bytes + 1, '\0');
  if (::gethostname(host.data(), max_host_bytes) != 0) host = "unknown";
  return fmt::format("{}/{}", host.c_str(), ::getpid());
}

std::string why_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    if (error.private_detail().empty()) return error.message();
    return error.message() + " (" + error.private_detail() + ")";
  } catch (const std::exception& error) {
    return error.what();
  }
}

bool may_retry(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return is_worth_retrying(error.code());
  } catch (const std::exception&) {
    return true;
  }
}

}  // namespace

bool is_worth_retrying(ErrorCode code) {
  switch (code) {
    case ErrorCode::conflict:
    case ErrorCode::too_many:
    case ErrorCode::unavailable:
    case ErrorCode::internal:
      return true;
    default:
      return false;
  }
}

// What wakes the coordinator and the heartbeat.
struct Workers::Signal {
  std::mutex mutex;
  std::condition_variable changed;
  bool look = false, beat = false, stop = false;  // guarded by mutex

  void tell(bool Signal::* what) {
    {
      const std::lock_guard lock(mutex);
      this->*what = true;
    }
    changed.notify_all();
  }
  // True: told; false: the time is over. Nobody else waits for the same.
  bool wait(bool Signal::* what, std::chrono::milliseconds most) {
    std::unique_lock lock(mutex);
    const bool told = changed.wait_for(lock, most, [&] { return this->*what || stop; });
    this->*what = false;
    return told;
  }
};

Workers::Workers(db::Database& database, std::vector<Work> works, std::vector<Cron> crons,
                 const Clock& clock, Metrics& metrics, WorkerOptions options)
    : database_(database),
      clock_(clock),
      options_(options),
      crons_(crons),
      name_(host_and_process()),
      signal_(std::make_shared<Signal>()),
      finisher_(database, clock, [signal = signal_] { signal->tell(&Signal::look); }) {
  for (Work& work : works) {
    queues_.push_back(std::make_unique<KindQueue>(std::move(work), metrics));
  }
  for (const auto& queue : queues_) kinds_.push_back(queue->work().kind.name);
  database.on_change([signal = signal_](const db::Change& change) {
    if (change.kind != job_change && !change.kind.empty()) return;
    signal->tell(change.key == cancel_key ? &Signal::beat : &Signal::look);
  });
}

Workers::~Workers() {
  stop();
}

void Workers::start() {
  if (!threads_.empty()) return;
  stopping_ = false;
  {
    const std::lock_guard lock(signal_->mutex);
    signal_->stop = false;
    signal_->look = true;
  }
  threads_.emplace_back([this] { coordinate(); });
  threads_.emplace_back([this] { keep_alive(); });
  for (const auto& queue : queues_) {
    queue->open();
    for (std::size_t i = 0; i < queue->work().threads; ++i) {
      threads_.emplace_back([this, &queue = *queue] { run_in(queue); });
    }
  }
}

void Workers::stop() {
  stopping_ = true;
  signal_->tell(&Signal::stop);
  for (const auto& queue : queues_) queue->close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  finisher_.drain();
  const WorkerId worker = worker_.exchange(0);
  if (worker == 0) return;
  try {
    database_.write_and_wait(
        [&](db::Transaction& transaction) { remove_worker(transaction, worker, clock_.now()); });
  } catch (const Error&) {
    log::info("jobs_wait_for_the_lease", {{"why", why_of(std::current_exception())}});
  }
}

void Workers::coordinate() {
  while (!is_stopping()) {
    std::chrono::milliseconds pause = look_period;
    try {
      there_is_more_ = false;
      // What it ended comes first: else a job that is back could be ended in its second run.
      if (finisher_.retry()) {
        signal_->wait(&Signal::look, look_period);
        continue;
      }
      look();
      // What is due and could not be had is somebody else's for the moment.
      if (next_due_) pause = std::clamp(*next_due_ - clock_.now(), shortest_pause, look_period);
    } catch (...) {
      log::warning("jobs_wait", {{"why", why_of(std::current_exception())}});
    }
    if (!there_is_more_) signal_->wait(&Signal::look, pause);
  }
}

void Workers::keep_alive() {
  const auto period = std::max(options_.lease / heartbeats_a_lease, std::chrono::milliseconds{1});
  while (!is_stopping()) {
    signal_->wait(&Signal::beat, period);
    const WorkerId worker = worker_.load();
    if (worker == 0 || is_stopping()) continue;
    try {
      beat(worker);
    } catch (...) {
      log::warning("job_heartbeat_failed", {{"why", why_of(std::current_exception())}});
    }
  }
}

void Workers::beat(WorkerId worker) {
  bool is_ours = false;
  std::vector<std::int64_t> unwanted;
  Timestamp lease_end;
  database_.write_and_wait([&](db::Transaction& transaction) {
    lease_end = clock_.now() + options_.lease;
    is_ours = extend_worker(transaction, worker, clock_.now(), lease_end);
    unwanted = unwanted_jobs(transaction, worker);
  });
  if (is_ours) {
    lease_end_ = lease_end;
  } else {
    log::warning("jobs_taken_over", {{"why", "the heartbeat was late"}});
    WorkerId given_up = worker;
    worker_.compare_exchange_strong(given_up, 0);
    signal_->tell(&Signal::look);
  }
  const std::lock_guard lock(unwanted_mutex_);
  unwanted_ = std::move(unwanted);
}

bool Workers::is_unwanted(std::int64_t job_id) {
  const std::lock_guard lock(unwanted_mutex_);
  return std::ranges::find(unwanted_, job_id) != unwanted_.end();
}

void Workers::look() {
  if (worker_.load() == 0) register_anew();
  give_up_others();
  const Timestamp now = clock_.now();
  const auto next_cron = crons_.next_due();
  const Outlook seen =
      database_.get([&](db::Transaction& transaction) { return outlook(transaction, kinds_); });
  const bool is_due = (seen.next_due && *seen.next_due <= now) || (next_cron && *next_cron <= now);
  const bool is_there = std::ranges::find(seen.has_available, true) != seen.has_available.end();
  next_due_ = seen.next_due;
  std::erase_if(unheard_, [now = clock_.monotonic()](const UnheardClaim& claim) {
    return claim.forget_at <= now;
  });
  if (is_due || is_there || !unheard_.empty()) take(now, is_due);
}

void Workers::register_anew() {
  const WorkerId worker = new_worker_id();
  Timestamp lease_end;
  database_.write_and_wait([&](db::Transaction& transaction) {
    lease_end = clock_.now() + options_.lease;
    register_worker(transaction, worker, name_, clock_.now(), lease_end);
    if (options_.is_alone) give_up_expired(transaction, worker, Timestamp::max());
  });
  lease_end_ = lease_end;
  worker_ = worker;
}

bool Workers::has_lease(WorkerId worker) const {
  return worker_.load() == worker && clock_.now() < lease_end_.load();
}

void Workers::give_up_others() {
  const MonotonicTime now = clock_.monotonic();
  if (now < next_give_up_) return;
  next_give_up_ = now + options_.lease / heartbeats_a_lease;
  database_.write_and_wait([&](db::Transaction& transaction) {
    if (give_up_expired(transaction, worker_.load(), clock_.now())) {
      log::warning("jobs_of_a_dead_worker_freed");
    }
  });
}

// What is due becomes available, and of what is available as much is taken as there is room for.
void Workers::take(Timestamp now, bool is_due) {
  const WorkerId worker = worker_.load();
  // After a suspension: what it took without knowing that it lives, it would only give back.
  if (!has_lease(worker)) return beat(worker);
  const MonotonicTime at = clock_.monotonic();
  std::vector<std::size_t> room;
  for (const auto& queue : queues_) room.push_back(queue->room(at));
  std::vector<std::vector<Job>> taken(queues_.size());
  bool is_ours = false;
  std::optional<Timestamp> next_due, next_cron = crons_.next_due();
  last_claim_ = std::max(now, last_claim_ + std::chrono::milliseconds{1});
  const auto claim_all = [&](db::Transaction& transaction) {
    is_ours = hold_worker(transaction, worker);
    if (!is_ours) return;
    for (const UnheardClaim& claim : unheard_) give_back(transaction, worker, claim.at);
    if (is_due) {
      next_cron = crons_.run_due(transaction, now);
      promote_due(transaction, now);
    }
    for (std::size_t i = 0; i < queues_.size(); ++i) {
      if (room[i] > 0) taken[i] = claim(transaction, worker, kinds_[i], room[i], last_claim_);
    }
    next_due = outlook(transaction, {}).next_due;
  };
  try {
    database_.write_and_wait(claim_all);
  } catch (...) {
    unheard_.push_back({last_claim_, at + options_.lease});
    throw;
  }
  if (!is_ours) {
    worker_ = 0;
    there_is_more_ = true;
    return;
  }
  if (std::ranges::any_of(taken, [](const auto& jobs) { return !jobs.empty(); })) {
    kill_point("jobs.claimed");
  }
  next_due_ = next_due;
  crons_.set_next_due(next_cron);
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    there_is_more_ = there_is_more_ || (room[i] > 0 && taken[i].size() == room[i]);
    std::vector<TakenJob> jobs;
    for (Job& job : taken[i]) {
      queues_[i]->metrics().lateness.observe(std::max(now - job.run_at, {}));
      jobs.push_back({std::move(job), worker});
    }
    queues_[i]->push(std::move(jobs), at);
  }
}

void Workers::run_in(KindQueue& queue) {
  while (auto taken = queue.wait_and_take()) {
    run(queue, *taken);
    if (queue.is_done()) signal_->tell(&Signal::look);
  }
}

void Workers::run(const KindQueue& queue, const TakenJob& taken) {
  RunningJob running(*this, taken.job, taken.worker);
  try {
    end(queue, taken, queue.work().run(running));
  } catch (...) {
    const auto failure = std::current_exception();
    end_failed(queue, taken, why_of(failure), may_retry(failure));
  }
  const std::lock_guard lock(unwanted_mutex_);
  std::erase(unwanted_, taken.job.id);
}

void Workers::end(const KindQueue& queue, const TakenJob& taken, const Outcome& outcome) {
  if (const auto* discarded = std::get_if<outcome::Discarded>(&outcome)) {
    return end_failed(queue, taken, discarded->why, false);
  }
  const auto& [job, worker] = taken;
  if (const auto* snoozed = std::get_if<outcome::Snoozed>(&outcome)) {
    finisher_.add({worker, job.id, [this, taken, until = snoozed->until](auto& transaction) {
                     snooze(transaction, taken.worker, taken.job, until, clock_.now());
                   }});
    return;
  }
  queue.metrics().completed.add();
  if (std::holds_alternative<outcome::Completed>(outcome)) finisher_.add({worker, job.id});
}

void Workers::end_failed(const KindQueue& queue, const TakenJob& taken, const std::string& why,
                         bool may_retry) {
  const auto& [job, worker] = taken;
  std::optional<Timestamp> retry_at;
  if (may_retry && job.attempt < job.max_attempts) {
    retry_at =
        clock_.now() + scaled(queue.work().retry.pause_after(job.attempt, random_fraction()));
  }
  log::warning(retry_at ? "job_failed" : "job_discarded", {{"kind", job.kind},
                                                           {"job", job.id},
                                                           {"app", job.app_id},
                                                           {"attempt", job.attempt},
                                                           {"why", why}});
  (retry_at ? queue.metrics().retried : queue.metrics().discarded).add();
  finisher_.add({worker, job.id, [this, taken, why, retry_at](auto& transaction) {
                   fail(transaction, taken.worker, taken.job, why, retry_at, clock_.now());
                 }});
}

std::chrono::milliseconds Workers::scaled(std::chrono::milliseconds pause) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(pause * options_.backoff_scale);
}

void Workers::work_off() {
  bool is_more = true;
  while (is_more) {
    there_is_more_ = false;
    next_give_up_ = {};
    if (const WorkerId worker = worker_.load(); worker != 0) beat(worker);
    look();
    is_more = there_is_more_;
    for (const auto& queue : queues_) {
      while (const auto taken = queue->take()) {
        run(*queue, *taken);
        queue->is_done();
        is_more = true;
      }
    }
    finisher_.drain();
  }
}

}  // namespace callboard::jobs
