#include "jobs/job_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "jobs/claims.hpp"
#include "jobs/job_overview.hpp"
#include "tests/support/jobs.hpp"

namespace callboard::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr WorkerId ann = 7;
const Scope everybody{}, demo{std::vector<std::string>{"demo"}};

class JobControlTest : public JobsTest {
 protected:
  JobControlTest() {
    write([&](db::Transaction& transaction) {
      register_worker(transaction, ann, "test", clock().now(), clock().now() + 1h);
    });
    database().on_change([this](const db::Change& change) { changes_.push_back(change); });
  }
  std::vector<Job> take(std::size_t most = 10) {
    std::vector<Job> jobs;
    write([&](db::Transaction& transaction) {
      jobs = claim(transaction, ann, test_kind.name, most, clock().now());
    });
    return jobs;
  }
  ChangedJobs change(JobAction action, std::variant<JobIds, JobFilter> which,
                     const Scope& scope = everybody) {
    ChangedJobs changed;
    changes_.clear();
    write([&](db::Transaction& transaction) {
      changed = change_jobs(transaction, action, {scope, std::move(which)}, clock().now());
    });
    return changed;
  }
  std::size_t count(JobAction action, std::variant<JobIds, JobFilter> which,
                    const Scope& scope = everybody) {
    return change(action, std::move(which), scope).count();
  }
  std::vector<std::string> announced() const {
    std::vector<std::string> keys;
    for (const db::Change& change : changes_) keys.push_back(change.key);
    return keys;
  }
  std::int64_t rows(const std::string& of) {
    return database().get([&](db::Transaction& transaction) {
      return *transaction.first("SELECT COUNT(*) FROM " + of, {},
                                [](const db::Row& row) { return row.integer(0); });
    });
  }

 private:
  std::vector<db::Change> changes_;
};
INSTANTIATE_STORE_TESTS(JobControlTest);

TEST_P(JobControlTest, CancelsWhatWaitsAndAsksWhatRuns) {
  const auto running = put();
  take();
  const auto waiting = put(), later = put(1h);
  EXPECT_EQ(count(JobAction::cancel, JobFilter{}), 3U);
  EXPECT_THAT(announced(), ElementsAre(cancel_key));
  EXPECT_EQ(state_of(waiting), state::cancelled);
  EXPECT_EQ(state_of(later), state::cancelled);
  EXPECT_EQ(state_of(running), state::running);
  write([&](db::Transaction& transaction) {
    EXPECT_THAT(unwanted_jobs(transaction, ann), ElementsAre(running));
  });
  EXPECT_EQ(rows("job_days WHERE state = 'cancelled' AND jobs = 2"), 1);
  EXPECT_EQ(count(JobAction::cancel, JobFilter{}), 0U);
}

TEST_P(JobControlTest, RunsNowWhatIsForLater) {
  const auto later = put(1h), available = put();
  EXPECT_EQ(count(JobAction::run, JobIds{later, available, 999}), 1U);
  EXPECT_THAT(announced(), ElementsAre(test_kind.name));
  EXPECT_EQ(state_of(later), state::available);
  EXPECT_EQ(kept(later).run_at, clock().now());
}

TEST_P(JobControlTest, RetriesWhatWasGivenUpUnderItsId) {
  const auto id = put({.kind = test_kind, .app_id = "demo", .max_attempts = 1, .unique_key = "k"});
  const Job job = take().at(0);
  write([&](db::Transaction& transaction) {
    fail(transaction, ann, job, "no luck", std::nullopt, clock().now());
  });
  const auto other = put({.kind = test_kind, .unique_key = "k"});
  clock().advance(1min);
  change(JobAction::retry, JobIds{id});
  EXPECT_EQ(state_of(id), state::discarded) << "another one of its key is there";
  count(JobAction::erase, JobIds{other});
  EXPECT_THAT(change(JobAction::retry, JobIds{id}).by_app,
              ElementsAre(Pair("demo", ElementsAre(id))));
  EXPECT_THAT(announced(), testing::Contains(test_kind.name));
  EXPECT_EQ(state_of(id), state::available);
  EXPECT_EQ(kept(id).attempt, 0);
  EXPECT_EQ(kept(id).run_at, clock().now());
  EXPECT_THAT(kept(id).errors, testing::HasSubstr("no luck"));
  EXPECT_EQ(rows("job_history"), 0);
  EXPECT_EQ(rows("jobs WHERE unique_key = 'k'"), 1);
  EXPECT_NE(put(), id);
  EXPECT_NE(other, id);
  EXPECT_EQ(count(JobAction::retry, JobIds{id}), 0U);
}

TEST_P(JobControlTest, ErasesAllButWhatRuns) {
  const auto running = put();
  take();
  put();
  put(1h);
  const auto over = put();
  write([&](db::Transaction& transaction) {
    end_waiting(transaction, {&over, 1}, state::completed, clock().now());
  });
  EXPECT_EQ(count(JobAction::erase, JobFilter{.state = "completed"}), 1U);
  EXPECT_EQ(count(JobAction::erase, JobFilter{}), 2U);
  EXPECT_EQ(rows("jobs"), 1);
  EXPECT_EQ(state_of(running), state::running);
}

TEST_P(JobControlTest, ChangesWhatIsInTheScopeAlone) {
  const auto own = put();
  const auto mine = put({.kind = test_kind, .app_id = "demo"});
  const auto theirs = put({.kind = test_kind, .app_id = "other"});
  EXPECT_THAT(change(JobAction::cancel, JobIds{own, mine, theirs}, demo).by_app,
              ElementsAre(Pair("demo", ElementsAre(mine))));
  for (const JobAction action : {JobAction::cancel, JobAction::run, JobAction::erase}) {
    EXPECT_EQ(count(action, JobIds{own, theirs}, demo), 0U);
    EXPECT_EQ(count(action, JobFilter{.queue = "test"}, demo.narrowed_to("other")), 0U);
  }
  EXPECT_EQ(state_of(own), state::available);
  EXPECT_EQ(state_of(theirs), state::available);
  EXPECT_THAT(change(JobAction::cancel, JobFilter{}).by_app,
              UnorderedElementsAre(Pair("", ElementsAre(own)), Pair("other", ElementsAre(theirs))));
  EXPECT_EQ(count(JobAction::retry, JobFilter{}, demo), 1U);
  EXPECT_EQ(state_of(theirs), state::cancelled);
}

TEST_P(JobControlTest, FiltersByStateQueueAndKind) {
  const auto work = put(), later = put(1h), other = put({.kind = other_kind});
  EXPECT_EQ(count(JobAction::cancel, JobFilter{.state = "scheduled"}), 1U);
  EXPECT_EQ(state_of(later), state::cancelled);
  EXPECT_EQ(count(JobAction::cancel, JobFilter{.queue = "other"}), 1U);
  EXPECT_EQ(state_of(other), state::cancelled);
  EXPECT_EQ(count(JobAction::cancel, JobFilter{.kind = "test.other"}), 0U);
  EXPECT_EQ(state_of(work), state::available);
  EXPECT_THROW(change(JobAction::cancel, JobFilter{.state = "completed"}), Error);
  EXPECT_THROW(change(JobAction::run, JobFilter{.state = "asleep"}), Error);
}

TEST_P(JobControlTest, SaysWhetherThereIsMore) {
  write([&](db::Transaction& transaction) {
    for (std::size_t i = 0; i <= max_changed_at_once; ++i) {
      enqueue(transaction, {.kind = test_kind}, clock().now());
    }
  });
  auto changed = change(JobAction::cancel, JobFilter{});
  EXPECT_EQ(changed.count(), max_changed_at_once);
  EXPECT_TRUE(changed.more);
  changed = change(JobAction::cancel, JobFilter{});
  EXPECT_EQ(changed.count(), 1U);
  EXPECT_FALSE(changed.more);
  EXPECT_THROW(change(JobAction::retry, JobIds(max_changed_at_once + 1, 1)), Error);
}

TEST_P(JobControlTest, PausesAQueueForOneOrForAll) {
  const auto mine = put({.kind = test_kind, .app_id = "demo"});
  const auto own = put();
  const auto paused = [&](std::string_view app_id) {
    bool is_new = false;
    write([&](db::Transaction& t) { is_new = pause_queue(t, "test", app_id, clock().now()); });
    return is_new;
  };
  const auto resumed = [&](std::string_view app_id) {
    bool was_paused = false;
    write([&](db::Transaction& t) { was_paused = resume_queue(t, "test", app_id); });
    return was_paused;
  };
  EXPECT_TRUE(paused("demo"));
  EXPECT_FALSE(paused("demo"));
  EXPECT_EQ(take().at(0).id, own);
  EXPECT_TRUE(paused(""));
  EXPECT_TRUE(resumed("demo"));
  EXPECT_FALSE(resumed("demo"));
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_TRUE(resumed(""));
  EXPECT_EQ(take().at(0).id, mine);
}

TEST_P(JobControlTest, BoundsPauses) {
  const auto pause = [&](const std::string& queue) {
    write([&](db::Transaction& t) { pause_queue(t, queue, "demo", clock().now()); });
  };
  EXPECT_THROW(pause("No such"), Error);
  EXPECT_THROW(pause(""), Error);
  EXPECT_THROW(pause(std::string(max_job_name_bytes + 1, 'q')), Error);
  for (std::int64_t i = 0; i < max_pauses; ++i) pause("q" + std::to_string(i));
  EXPECT_THROW(pause("one.more"), Error);
  EXPECT_EQ(rows("job_pauses"), max_pauses);
}

}  // namespace
}  // namespace callboard::jobs
