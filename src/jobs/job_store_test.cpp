#include "jobs/job_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "jobs/claims.hpp"
#include "tests/support/jobs.hpp"

namespace callboard::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WorkerId ann = 7, bob = 8;

class JobStoreTest : public JobsTest {
 protected:
  JobStoreTest() {
    write([&](db::Transaction& transaction) {
      for (const WorkerId worker : {ann, bob}) {
        register_worker(transaction, worker, "test", clock().now(), clock().now() + 30s);
      }
    });
  }
  std::vector<Job> take(WorkerId worker = ann, std::size_t most = 10) {
    std::vector<Job> jobs;
    write([&](db::Transaction& transaction) {
      promote_due(transaction, clock().now());
      jobs = claim(transaction, worker, test_kind.name, most, clock().now());
    });
    return jobs;
  }
  std::vector<std::int64_t> ids_taken(WorkerId worker = ann, std::size_t most = 10) {
    std::vector<std::int64_t> ids;
    for (const Job& job : take(worker, most)) ids.push_back(job.id);
    return ids;
  }
  std::size_t end(const Job& job, WorkerId worker = ann) {
    std::size_t ended = 0;
    write([&](db::Transaction& transaction) {
      ended = complete(transaction, worker, {&job.id, 1}, clock().now());
    });
    return ended;
  }
  std::int64_t count(const std::string& table) {
    return database().get([&](db::Transaction& transaction) {
      return *transaction.first("SELECT COUNT(*) FROM " + table, {},
                                [](const db::Row& row) { return row.integer(0); });
    });
  }
};
INSTANTIATE_STORE_TESTS(JobStoreTest);

TEST_P(JobStoreTest, TakesTheMostUrgentFirstAndInOrder) {
  const auto first = put();
  const auto second = put();
  const auto urgent = put({.kind = test_kind, .priority = 1});
  put({.kind = other_kind});
  put(1min);
  EXPECT_THAT(ids_taken(ann, 2), ElementsAre(urgent, first));
  EXPECT_THAT(ids_taken(bob), ElementsAre(second));
  EXPECT_THAT(ids_taken(), IsEmpty());
}

TEST_P(JobStoreTest, WaitsUntilItIsDue) {
  const auto id = put(1min);
  EXPECT_EQ(state_of(id), state::scheduled);
  clock().advance(59'999ms);
  EXPECT_THAT(ids_taken(), IsEmpty());
  clock().advance(1ms);
  EXPECT_THAT(ids_taken(), ElementsAre(id));
  EXPECT_EQ(state_of(id), state::running);
}

TEST_P(JobStoreTest, IsNotWantedWhereTheTransactionFails) {
  EXPECT_THROW(write([&](db::Transaction& transaction) {
                 enqueue(transaction, {.kind = test_kind}, clock().now());
                 throw Error(ErrorCode::invalid, "no");
               }),
               Error);
  EXPECT_EQ(count("jobs"), 0);
}

TEST_P(JobStoreTest, GoesToTheHistoryOnce) {
  const auto id = put();
  const Job job = take().at(0);
  EXPECT_EQ(end(job, bob), 0U);
  EXPECT_EQ(state_of(id), state::running);
  EXPECT_EQ(end(job), 1U);
  EXPECT_EQ(end(job), 0U);
  EXPECT_EQ(state_of(id), state::completed);
  EXPECT_EQ(count("job_days WHERE state = 'completed' AND jobs = 1"), 1);
}

TEST_P(JobStoreTest, HasAtMostOneOfAKeyAtTheEarlierTime) {
  const NewJob later{.kind = test_kind, .run_at = clock().now() + 2min, .unique_key = "k"};
  NewJob sooner = later;
  sooner.run_at = clock().now() + 1min;
  const auto id = put(later);
  EXPECT_EQ(put(sooner), id);
  EXPECT_EQ(put(later), id);
  EXPECT_EQ(kept(id).run_at, *sooner.run_at);
  EXPECT_EQ(put({.kind = test_kind, .unique_key = "k"}), id);
  EXPECT_EQ(state_of(id), state::available);
}

TEST_P(JobStoreTest, RunsOnceMoreWhereItIsWantedWhileItRuns) {
  const NewJob wanted{.kind = test_kind, .unique_key = "k"};
  const auto id = put(wanted);
  const Job job = take().at(0);
  EXPECT_EQ(put(wanted), id);
  EXPECT_THAT(ids_taken(bob), IsEmpty());
  EXPECT_EQ(end(job), 1U);
  EXPECT_EQ(state_of(id), state::available);
  EXPECT_EQ(end(take().at(0)), 1U);
  EXPECT_EQ(state_of(id), state::completed);
  EXPECT_NE(put(wanted), id);
}

TEST_P(JobStoreTest, IsNotEndedOnceMoreWhereOnlyTheFirstRunWasUnwanted) {
  const NewJob wanted{.kind = test_kind, .unique_key = "k"};
  const auto id = put(wanted);
  const Job job = take().at(0);
  put(wanted);
  execute("UPDATE jobs SET cancel_requested = 1 WHERE job_id = $1", {id});
  EXPECT_EQ(end(job), 1U);  // before it heard of that
  take();
  write([](db::Transaction& transaction) {
    EXPECT_THAT(unwanted_jobs(transaction, ann), IsEmpty());
  });
}

TEST_P(JobStoreTest, IsWithdrawnUnlessItRuns) {
  put({.kind = test_kind, .unique_key = "k"});
  const auto withdrawn = [&](std::string_view key) {
    bool is_withdrawn = false;
    write([&](db::Transaction& transaction) { is_withdrawn = withdraw(transaction, key); });
    return is_withdrawn;
  };
  EXPECT_TRUE(withdrawn("k"));
  EXPECT_FALSE(withdrawn("k"));
  put({.kind = test_kind, .unique_key = "k"});
  take();
  EXPECT_FALSE(withdrawn("k"));
}

TEST_P(JobStoreTest, OfADeadWorkerIsFreeAgain) {
  const auto id = put();
  const auto last = put({.kind = test_kind, .max_attempts = 1});
  const std::vector<Job> jobs = take();
  bool any = false;
  const auto give_up = [&] {
    write([&](db::Transaction& t) { any = give_up_expired(t, bob, clock().now()); });
  };
  clock().advance(29'999ms);
  give_up();
  EXPECT_FALSE(any);
  clock().advance(1ms);
  give_up();
  EXPECT_TRUE(any);
  EXPECT_EQ(state_of(id), state::available);
  EXPECT_EQ(state_of(last), state::discarded);
  EXPECT_THAT(kept(last).errors, testing::HasSubstr("died"));
  EXPECT_EQ(take(bob).at(0).attempt, 2);
  EXPECT_EQ(end(jobs[0]), 0U);  // fenced
  write([&](db::Transaction& transaction) {
    EXPECT_FALSE(extend_worker(transaction, ann, clock().now(), clock().now() + 30s));
    EXPECT_FALSE(hold_worker(transaction, ann));
    EXPECT_TRUE(hold_worker(transaction, bob));
    EXPECT_FALSE(hold_job(transaction, ann, jobs[0]));
  });
}

TEST_P(JobStoreTest, GivenBackInGoodOrderCountsNoAttempt) {
  const auto id = put();
  take();
  write([&](db::Transaction& transaction) { remove_worker(transaction, ann, clock().now()); });
  EXPECT_EQ(state_of(id), state::available);
  EXPECT_EQ(take(bob).at(0).attempt, 1);
}

TEST_P(JobStoreTest, FailsAndIsTriedAgain) {
  const auto id = put();
  const Job job = take().at(0);
  write([&](db::Transaction& transaction) {
    fail(transaction, bob, job, "not mine", std::nullopt, clock().now());
    fail(transaction, ann, job, "no luck", clock().now() + 5s, clock().now());
  });
  EXPECT_EQ(state_of(id), state::retryable);
  EXPECT_THAT(kept(id).errors, testing::HasSubstr("no luck"));
  EXPECT_THAT(ids_taken(), IsEmpty());
  clock().advance(5s);
  const Job again = take().at(0);
  EXPECT_EQ(again.attempt, 2);
  write([&](db::Transaction& transaction) {
    fail(transaction, ann, again, "no luck", std::nullopt, clock().now());
  });
  EXPECT_EQ(state_of(id), state::discarded);
}

TEST_P(JobStoreTest, RunsOnceMoreAlsoWhereItIsGivenUpMeanwhile) {
  const NewJob wanted{.kind = test_kind, .unique_key = "k"};
  const auto id = put(wanted);
  const Job job = take().at(0);
  put(wanted);
  write([&](db::Transaction& transaction) {
    fail(transaction, ann, job, "no luck", std::nullopt, clock().now());
  });
  EXPECT_EQ(state_of(id), state::available);
  EXPECT_EQ(take().at(0).attempt, 1);
}

TEST_P(JobStoreTest, HoldsNoJobByAnEarlierRunOfIt) {
  put();
  const Job first = take().at(0);
  write([&](db::Transaction& transaction) {
    snooze(transaction, ann, first, clock().now(), clock().now());
  });
  clock().advance(1ms);
  const Job second = take().at(0);
  EXPECT_EQ(second.attempt, first.attempt);
  write([&](db::Transaction& transaction) {
    EXPECT_FALSE(hold_job(transaction, ann, first));
    EXPECT_TRUE(hold_job(transaction, ann, second));
  });
}

TEST_P(JobStoreTest, SnoozesWithoutAnAttempt) {
  const auto id = put({.kind = test_kind, .unique_key = "k"});
  const auto snoozed = [&] {
    const Job job = take().at(0);
    write([&](db::Transaction& transaction) {
      snooze(transaction, ann, job, clock().now() + 1min, clock().now());
    });
  };
  snoozed();
  EXPECT_EQ(state_of(id), state::scheduled);
  EXPECT_EQ(kept(id).attempt, 0);
  clock().advance(1min);
  const Job job = take().at(0);
  put({.kind = test_kind, .unique_key = "k"});
  write([&](db::Transaction& transaction) {
    snooze(transaction, ann, job, clock().now() + 1min, clock().now());
  });
  EXPECT_EQ(state_of(id), state::available);
}

TEST_P(JobStoreTest, EndsWhereAnOperatorWantsIt) {
  const auto id = put();
  const Job job = take().at(0);
  execute("UPDATE jobs SET cancel_requested = 1 WHERE job_id = $1", {id});
  write([&](db::Transaction& transaction) {
    EXPECT_THAT(unwanted_jobs(transaction, ann), ElementsAre(id));
    snooze(transaction, ann, job, clock().now(), clock().now());
  });
  EXPECT_EQ(state_of(id), state::cancelled);
}

TEST_P(JobStoreTest, NobodyTakesFromAPausedQueue) {
  const auto mine = put({.kind = test_kind, .app_id = "demo"});
  const auto others = put({.kind = test_kind, .app_id = "other"});
  execute("INSERT INTO job_pauses (queue, app_id, at_ms) VALUES ('test', 'demo', 0)");
  EXPECT_THAT(ids_taken(), ElementsAre(others));
  execute("UPDATE job_pauses SET app_id = ''");
  EXPECT_THAT(ids_taken(), IsEmpty());
  execute("DELETE FROM job_pauses");
  EXPECT_THAT(ids_taken(), ElementsAre(mine));
}

TEST_P(JobStoreTest, SeesWhatIsToBeDone) {
  const std::vector kinds{test_kind.name, other_kind.name};
  const auto seen = [&] {
    return database().get([&](db::Transaction& t) { return outlook(t, kinds); });
  };
  EXPECT_FALSE(seen().next_due);
  put(2min);
  put(1min);
  put({.kind = other_kind});
  EXPECT_EQ(seen().next_due, clock().now() + 1min);
  EXPECT_THAT(seen().has_available, ElementsAre(false, true));
}

TEST_P(JobStoreTest, TheHistoryForgets) {
  const auto ended_as = [&](std::string_view how) {
    const auto id = put();
    const std::vector<std::int64_t> ids{id};
    write([&](db::Transaction& t) { end_waiting(t, ids, how, clock().now()); });
    EXPECT_EQ(state_of(id), how);
  };
  const auto pruned = [&] {
    write([&](db::Transaction& t) { EXPECT_FALSE(prune_history(t, clock().now())); });
    return count("job_history");
  };
  ended_as(state::completed);
  ended_as(state::cancelled);
  ended_as(state::discarded);
  clock().advance(finished_life - 1s);
  EXPECT_EQ(pruned(), 3);
  clock().advance(1s);
  EXPECT_EQ(pruned(), 1);
  clock().advance(discarded_life - finished_life);
  EXPECT_EQ(pruned(), 0);
  EXPECT_EQ(count("job_days"), 3);
  clock().advance(day_counts_life);
  pruned();
  EXPECT_EQ(count("job_days"), 0);
}

TEST_P(JobStoreTest, OfAnApplicationGoWithIt) {
  put({.kind = test_kind, .app_id = "demo"});
  const auto other = put({.kind = test_kind, .app_id = "other"});
  write([](db::Transaction& transaction) { delete_jobs(transaction, "demo"); });
  EXPECT_THAT(ids_taken(), ElementsAre(other));
}

TEST_P(JobStoreTest, RefusesWhatBreaksABound) {
  EXPECT_THROW(put({.kind = test_kind, .payload = std::string(max_payload_bytes + 1, ' ')}), Error);
  EXPECT_THROW(put({.kind = test_kind, .priority = max_priority + 1}), Error);
}

}  // namespace
}  // namespace callboard::jobs
