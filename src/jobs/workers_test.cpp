#include "jobs/workers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <map>
#include <mutex>

#include "base/error.hpp"
#include "tests/support/jobs.hpp"

namespace callboard::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

// A database whose connection can be lost while it commits: it does, and nobody hears of it.
class ForgetfulDatabase : public db::Database {
 public:
  explicit ForgetfulDatabase(db::Database& database) : database_(database) {}

  // The answer to the write after so many others.
  void lose_answer_after(int writes) { left_ = writes + 1; }

  void read(const db::Work& work) override { database_.read(work); }
  void write(db::Work work, db::Completion done) override {
    const bool is_lost = left_.fetch_sub(1) == 1;
    database_.write(std::move(work), [is_lost, done = std::move(done)](std::exception_ptr error) {
      done(is_lost ? std::make_exception_ptr(Error(ErrorCode::unavailable, "lost")) : error);
    });
  }
  void on_change(std::function<void(const db::Change&)> subscriber) override {
    database_.on_change(std::move(subscriber));
  }
  void start_following() override { database_.start_following(); }
  void poll_changes() override { database_.poll_changes(); }
  void stop() override { database_.stop(); }
  bool is_shared() const override { return database_.is_shared(); }
  void check() override { database_.check(); }

 private:
  db::Database& database_;
  std::atomic<int> left_{0};
};

class WorkersTest : public JobsTest {
 protected:
  using Run = std::function<Outcome(JobContext&)>;
  static Work work(Run run) {
    return {
        .kind = test_kind, .run = std::move(run), .retry = {.base = 1s, .cap = 1min, .jitter = 0}};
  }
  Workers workers(Run run, WorkerOptions options = {}) {
    return {database(), {work(std::move(run))}, {}, clock(), metrics(), options};
  }
};
INSTANTIATE_STORE_TESTS(WorkersTest);

TEST_P(WorkersTest, DoesWhatIsDue) {
  std::vector<std::int64_t> done;
  Workers workers = this->workers([&](JobContext& context) {
    done.push_back(context.job().id);
    return outcome::Completed{};
  });
  const auto now = put();
  const auto later = put(1min);
  workers.work_off();
  EXPECT_THAT(done, ElementsAre(now));
  EXPECT_EQ(state_of(now), state::completed);
  clock().advance(1min);
  workers.work_off();
  EXPECT_THAT(done, ElementsAre(now, later));
}

TEST_P(WorkersTest, TriesAgainWhatFailedLaterEachTimeAndThenNoMore) {
  int attempts = 0;
  Workers workers = this->workers([&](JobContext&) -> Outcome {
    ++attempts;
    throw Error(ErrorCode::unavailable, "not now").with_private("the disk");
  });
  const auto id = put({.kind = test_kind, .max_attempts = 3});
  workers.work_off();
  EXPECT_EQ(state_of(id), state::retryable);
  EXPECT_EQ(kept(id).run_at, clock().now() + 1s);
  EXPECT_THAT(kept(id).errors, HasSubstr("not now (the disk)"));
  clock().advance(1s);
  workers.work_off();
  EXPECT_EQ(kept(id).run_at, clock().now() + 2s);
  clock().advance(2s);
  workers.work_off();
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(state_of(id), state::discarded);
}

TEST_P(WorkersTest, GivesUpAtOnceWhatNoFurtherAttemptWouldMend) {
  Workers workers = this->workers([](JobContext& context) -> Outcome {
    if (context.job().payload == "1") return outcome::Discarded{"of no use"};
    throw Error(ErrorCode::not_found, "it is gone");
  });
  const auto thrown = put();
  const auto said = put({.kind = test_kind, .payload = "1"});
  workers.work_off();
  EXPECT_EQ(state_of(thrown), state::discarded);
  EXPECT_EQ(state_of(said), state::discarded);
  EXPECT_THAT(kept(said).errors, HasSubstr("of no use"));
}

TEST_P(WorkersTest, IsDoneWithItsOwnTransactionOrNotAtAll) {
  bool fails = true;
  Workers workers = this->workers([&](JobContext& context) -> Outcome {
    write([&](db::Transaction& transaction) {
      transaction.execute("INSERT INTO job_pauses (queue, app_id, at_ms) VALUES ('x', 'x', 0)");
      context.finish(transaction);
      if (fails) throw Error(ErrorCode::unavailable, "at the last moment");
    });
    return outcome::Finished{};
  });
  const auto id = put();
  workers.work_off();
  EXPECT_EQ(state_of(id), state::retryable);
  fails = false;
  clock().advance(1s);
  workers.work_off();
  EXPECT_EQ(state_of(id), state::completed);
}

TEST_P(WorkersTest, GoesOnLaterWhereItSnoozes) {
  int runs = 0;
  Workers workers = this->workers([&](JobContext&) -> Outcome {
    if (++runs < 3) return outcome::Snoozed{clock().now() + 1h};
    return outcome::Completed{};
  });
  const auto id = put({.kind = test_kind, .max_attempts = 1});
  for (int i = 0; i < 3; ++i) {
    workers.work_off();
    clock().advance(1h);
  }
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(state_of(id), state::completed);
}

TEST_P(WorkersTest, BeginsNoMoreInATimeThanItsRate) {
  Work limited = work([](JobContext&) { return outcome::Completed{}; });
  limited.rate = {2, 1min};
  Workers workers(database(), {limited}, {}, clock(), metrics());
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(put());
  const auto done = [&] {
    return std::ranges::count_if(ids, [&](auto id) { return state_of(id) == state::completed; });
  };
  workers.work_off();
  EXPECT_EQ(done(), 2);
  clock().advance(30s);
  workers.work_off();
  EXPECT_EQ(done(), 3);
}

TEST_P(WorkersTest, WhatAnotherTookOverIsLeftToIt) {
  Workers late = workers([&](JobContext& context) -> Outcome {
    EXPECT_FALSE(context.should_stop());
    clock().advance(30s);
    EXPECT_TRUE(context.should_stop());
    Workers other(database(), {work([](JobContext&) { return outcome::Completed{}; })}, {}, clock(),
                  metrics());
    other.work_off();
    EXPECT_THROW(write([&](db::Transaction& transaction) { context.hold(transaction); }), Error);
    throw Error(ErrorCode::internal, "too late to matter");
  });
  const auto id = put();
  late.work_off();
  EXPECT_EQ(state_of(id), state::completed);
  EXPECT_EQ(kept(id).attempt, 2);
  const auto next = put();
  late.work_off();  // under a new name
  EXPECT_EQ(state_of(next), state::completed);
}

TEST_P(WorkersTest, WhoeverIsAloneWaitsForNobodysLease) {
  const auto id = put();
  write([&](db::Transaction& transaction) {
    register_worker(transaction, 7, "killed", clock().now(), clock().now() + 30s);
    claim(transaction, 7, test_kind.name, 1, clock().now());
  });
  const auto run = [](JobContext&) { return outcome::Completed{}; };
  workers(run).work_off();
  EXPECT_EQ(state_of(id), state::running);
  workers(run, {.is_alone = true}).work_off();
  EXPECT_EQ(state_of(id), state::completed);
}

TEST_P(WorkersTest, DoesWhatItTookWithoutHearingOfIt) {
  ForgetfulDatabase forgetful(database());
  std::vector<std::int64_t> done;
  Workers workers(forgetful, {work([&](JobContext& context) {
                    done.push_back(context.job().id);
                    return outcome::Completed{};
                  })},
                  {}, clock(), metrics());
  const auto first = put();
  workers.work_off();
  const auto second = put();
  forgetful.lose_answer_after(2);  // a heartbeat, giving up others; taking
  EXPECT_THROW(workers.work_off(), Error);
  EXPECT_EQ(state_of(second), state::running) << "and nobody runs it";
  workers.work_off();
  EXPECT_THAT(done, ElementsAre(first, second));
  EXPECT_EQ(state_of(second), state::completed);
  EXPECT_EQ(kept(second).attempt, 1);
}

TEST_P(WorkersTest, StartsAtOnceWhatIsPutIn) {
  std::promise<void> done;
  Workers workers = this->workers([&](JobContext&) {
    done.set_value();
    return outcome::Completed{};
  });
  database().start_following();
  workers.start();
  workers.start();
  const auto id = put();
  EXPECT_EQ(done.get_future().wait_for(30s), std::future_status::ready);
  workers.stop();
  workers.stop();
  EXPECT_EQ(state_of(id), state::completed);
}

TEST_P(WorkersTest, AStopIsSeenAndWhatWasNotDoneWaits) {
  std::promise<void> begun;
  Workers workers = this->workers([&](JobContext& context) -> Outcome {
    begun.set_value();
    while (!context.should_stop()) std::this_thread::yield();
    return outcome::Snoozed{clock().now()};
  });
  const auto id = put();
  const auto never_begun = put();
  workers.start();
  begun.get_future().wait();
  workers.stop();
  EXPECT_EQ(state_of(id), state::available);
  EXPECT_EQ(kept(id).attempt, 0);
  EXPECT_EQ(state_of(never_begun), state::available);
}

TEST_P(WorkersTest, DoesManyOnSeveralNodesOnceEach) {
  constexpr int count = 500;
  std::mutex mutex;
  std::map<std::int64_t, int> runs;
  std::latch left(count);
  Work quick = work([&](JobContext& context) {
    const std::lock_guard lock(mutex);
    ++runs[context.job().id];
    left.count_down();
    return outcome::Completed{};
  });
  quick.threads = 2;
  quick.prefetch = 50;
  const auto elsewhere = open_another();
  Workers here(database(), {quick}, {}, clock(), metrics());
  Workers there(*elsewhere, {quick}, {}, clock(), metrics());
  write([&](db::Transaction& transaction) {
    for (int i = 0; i < count; ++i) enqueue(transaction, {.kind = test_kind}, clock().now());
  });
  here.start();
  there.start();
  left.wait();
  here.stop();
  there.stop();
  elsewhere->stop();
  EXPECT_EQ(runs.size(), std::size_t{count});
  for (const auto& [id, times] : runs) EXPECT_EQ(times, 1) << id;
  database().read([](db::Transaction& transaction) {
    transaction.query("SELECT COUNT(*) FROM jobs", {},
                      [](const db::Row& row) { EXPECT_EQ(row.integer(0), 0); });
  });
}

TEST_P(WorkersTest, PutsInWhatRecurs) {
  int runs = 0;
  Workers workers(database(), {work([&](JobContext&) {
                    ++runs;
                    return outcome::Completed{};
                  })},
                  {{"hourly", test_kind, "0 * * * *"}}, clock(), metrics());
  workers.work_off();
  EXPECT_EQ(runs, 0);
  for (int hour = 1; hour <= 3; ++hour) {
    clock().advance(1h);
    workers.work_off();
    EXPECT_EQ(runs, hour);
  }
  clock().advance(24h);  // nobody was there
  workers.work_off();
  EXPECT_EQ(runs, 4);
}

}  // namespace
}  // namespace callboard::jobs
