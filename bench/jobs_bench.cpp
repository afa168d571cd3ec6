// The queue of jobs alone, in process, on a fresh database: how many jobs a second 50 callers put
// in, each in a transaction of its own; how many that do nothing are done a second, until each
// one's end is committed; how late jobs of a moment begin; and how soon one begins on an idle
// queue. Usage: jobs_bench DATABASE JOBS SINGLES: so many are done, of which so many are put in
// singly. DATABASE is a folder or postgres://... Prints one JSON object.

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "db/open.hpp"
#include "jobs/job_store.hpp"
#include "jobs/workers.hpp"

namespace callboard::jobs {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr JobKind nothing{"bench.nothing", "bench"}, timed{"bench.timed", "bench"};
constexpr std::size_t threads = 4, prefetch = 1'000;
constexpr int callers = 50, due_jobs = 100, woken_jobs = 200;
constexpr std::int64_t in_bulk = 1'000;
constexpr std::chrono::milliseconds due_after{300}, due_apart{31}, poll_pause{1}, idle_pause{3};

double seconds_since(MonotonicTime begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void enqueue_nothing(db::Transaction& transaction, Timestamp now) {
  enqueue(transaction, {.kind = nothing, .app_id = "demo", .payload = R"({"id":1})"}, now);
}

void enqueue_many(db::Database& database, const Clock& clock, std::int64_t jobs) {
  for (std::int64_t left = jobs; left > 0; left -= in_bulk) {
    database.write_and_wait([&](db::Transaction& transaction) {
      for (std::int64_t i = 0; i < std::min(left, in_bulk); ++i) {
        enqueue_nothing(transaction, clock.now());
      }
    });
  }
}

// Each caller has one job on its way in and starts the next when it is answered.
class Callers {
 public:
  Callers(db::Database& database, const Clock& clock, std::int64_t jobs)
      : database_(database), clock_(clock), left_(jobs) {}

  void enqueue_all() {
    for (int i = 0; i < callers; ++i) enqueue_next();
    ended_.wait();
    if (failed_) throw std::runtime_error("a job could not be put in");
  }

 private:
  void enqueue_next() {
    if (left_.fetch_sub(1) <= 0) return ended_.count_down();
    database_.write(
        [this](db::Transaction& transaction) { enqueue_nothing(transaction, clock_.now()); },
        [this](const std::exception_ptr& failure) {
          if (failure) failed_ = true;
          enqueue_next();
        });
  }

  db::Database& database_;
  const Clock& clock_;
  std::atomic<std::int64_t> left_;
  std::atomic<bool> failed_{false};
  std::latch ended_{callers};
};

// When timed jobs began, by the monotonic clock, and how late they were.
class Starts {
 public:
  Outcome note(const JobContext& context, Timestamp now) {
    const std::lock_guard lock(mutex_);
    late_.push_back(now - context.job().run_at);
    last_ = std::chrono::steady_clock::now();
    noted_.notify_all();
    return outcome::Completed{};
  }
  MonotonicTime wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    noted_.wait(lock, [&] { return late_.size() >= count; });
    return last_;
  }
  std::vector<Milliseconds> late() const { return late_; }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable noted_;
  std::vector<Milliseconds> late_;
  MonotonicTime last_{};
};

Milliseconds quantile(std::vector<Milliseconds> times, double which) {
  std::ranges::sort(times);
  return times[std::min(times.size() - 1,
                        static_cast<std::size_t>(static_cast<double>(times.size()) * which))];
}

std::int64_t count(db::Database& database, std::string_view sql) {
  return database.get([&](db::Transaction& transaction) {
    return transaction.first(sql, {}, [](const db::Row& row) { return row.integer(0); }).value();
  });
}

void print_times(std::string_view name, const std::vector<Milliseconds>& times) {
  fmt::print(R"(,"{0}_p50_ms":{1:.3f},"{0}_p99_ms":{2:.3f},"{0}_max_ms":{3:.3f})", name,
             quantile(times, 0.5).count(), quantile(times, 0.99).count(),
             quantile(times, 1).count());
}

void measure(const std::string& location, std::int64_t jobs, std::int64_t singles) {
  const SystemClock clock;
  Metrics metrics;
  const auto database = db::open({location, clock, metrics});
  std::atomic<std::int64_t> done{0};
  Starts starts;
  Workers workers(*database,
                  {{.kind = nothing,
                    .run =
                        [&](JobContext&) {
                          ++done;
                          return outcome::Completed{};
                        },
                    .threads = threads,
                    .prefetch = prefetch},
                   {.kind = timed,
                    .run = [&](JobContext& context) { return starts.note(context, clock.now()); }}},
                  {}, clock, metrics);
  database->start_following();

  auto begin = clock.monotonic();
  Callers(*database, clock, singles).enqueue_all();
  fmt::print(R"({{"enqueued_per_second":{:.0f})",
             static_cast<double>(singles) / seconds_since(begin));
  enqueue_many(*database, clock, jobs - singles);

  begin = clock.monotonic();
  workers.start();
  while (done < jobs || count(*database, "SELECT COUNT(*) FROM jobs") > 0) {
    std::this_thread::sleep_for(poll_pause);
  }
  fmt::print(R"(,"done_per_second":{:.0f})", static_cast<double>(jobs) / seconds_since(begin));
  if (count(*database, "SELECT COUNT(*) FROM job_history WHERE state = 'completed'") != jobs ||
      count(*database, "SELECT CAST(SUM(jobs) AS BIGINT) FROM job_days") != jobs) {
    throw std::runtime_error("jobs are missing in the history");
  }

  const Timestamp first_due = clock.now() + due_after;
  database->write_and_wait([&](db::Transaction& transaction) {
    for (int i = 0; i < due_jobs; ++i) {
      enqueue(transaction, {.kind = timed, .run_at = first_due + i * due_apart}, clock.now());
    }
  });
  starts.wait_for(due_jobs);
  print_times("late", starts.late());

  std::vector<Milliseconds> woken;
  for (int i = 0; i < woken_jobs; ++i) {
    std::this_thread::sleep_for(idle_pause);
    begin = clock.monotonic();
    database->write_and_wait(
        [&](db::Transaction& transaction) { enqueue(transaction, {.kind = timed}, clock.now()); });
    woken.emplace_back(starts.wait_for(static_cast<std::size_t>(due_jobs + i + 1)) - begin);
  }
  print_times("wake", woken);
  fmt::print("}}\n");
  workers.stop();
}

}  // namespace
}  // namespace callboard::jobs

int main(int count, char** arguments) {
  if (count != 4) return EXIT_FAILURE;
  callboard::jobs::measure(arguments[1], std::atoll(arguments[2]), std::atoll(arguments[3]));
}
