#include "jobs/job_overview.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/job_control.hpp"
#include "tests/support/jobs.hpp"

namespace callboard::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr WorkerId ann = 7, bob = 8;
const Scope demo{std::vector<std::string>{"demo"}};

class JobOverviewTest : public JobsTest {
 protected:
  QueueOverview overview(const Scope& scope = {}, std::vector<JobKind> known = {}) {
    return database().get([&](db::Transaction& transaction) {
      return overview_of_queues(transaction, scope, known, clock().now());
    });
  }
  std::vector<DayCounts> days(const Scope& scope, std::int64_t days, bool by_kind = false) {
    return database().get([&](db::Transaction& transaction) {
      return daily_counts(transaction, scope, days, by_kind, clock().now());
    });
  }
  void end(std::int64_t id, std::string_view how) {
    write([&](db::Transaction& transaction) {
      end_waiting(transaction, {&id, 1}, how, clock().now());
    });
  }
  void take(WorkerId worker) {
    write([&](db::Transaction& transaction) {
      register_worker(transaction, worker, "test", clock().now(), clock().now() + 30s);
      EXPECT_EQ(claim(transaction, worker, test_kind.name, 1, clock().now()).size(), 1U);
    });
  }
};
INSTANTIATE_STORE_TESTS(JobOverviewTest);

TEST_P(JobOverviewTest, CountsByQueueKindAndState) {
  put();
  clock().advance(1min);
  put();
  put(1h);
  put({.kind = other_kind});
  const auto queues = overview().queues;
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[0].queue, "other");
  const KindCounts& work = queues[1].kinds.at(0);
  EXPECT_EQ(work.kind, "test.work");
  EXPECT_THAT(work.waiting, ElementsAre(2, 1, 0, 0));  // as waiting_states
  EXPECT_EQ(work.latency, 1min);
  EXPECT_FALSE(overview().more);
}

TEST_P(JobOverviewTest, KnowsKindsThatAreOverOrNeverWere) {
  end(put(), state::completed);
  end(put(), state::discarded);
  const auto queues = overview({}, {other_kind}).queues;
  ASSERT_EQ(queues.size(), 2U);
  EXPECT_EQ(queues[0].kinds.at(0).kind, "test.other");
  EXPECT_EQ(queues[1].kinds.at(0).processed_today, 2);
  EXPECT_EQ(queues[1].kinds.at(0).failed_today, 1);
  EXPECT_FALSE(queues[1].kinds.at(0).latency);
  clock().advance(24h);
  EXPECT_EQ(overview().queues.at(0).kinds.at(0).processed_today, 0);
}

TEST_P(JobOverviewTest, ShowsWhatIsPausedForTheScope) {
  write([&](db::Transaction& transaction) {
    pause_queue(transaction, "all", "", clock().now());
    pause_queue(transaction, "some", "demo", clock().now());
    pause_queue(transaction, "others", "other", clock().now());
  });
  const auto of_demo = overview(demo).queues;
  ASSERT_EQ(of_demo.size(), 2U);
  EXPECT_EQ(of_demo[0].queue, "all");
  EXPECT_TRUE(of_demo[0].is_paused);
  EXPECT_TRUE(of_demo[1].is_paused);
  EXPECT_THAT(of_demo[1].paused_apps, ElementsAre("demo"));
  const auto of_all = overview().queues;
  ASSERT_EQ(of_all.size(), 3U);
  EXPECT_FALSE(of_all[1].is_paused);
}

TEST_P(JobOverviewTest, SaysHowManyWaitOfEverybody) {
  put();
  put({.kind = test_kind, .app_id = "demo"});
  put(1h);
  take(ann);
  EXPECT_THAT(database().get([](db::Transaction& t) { return count_waiting(t); }),
              ElementsAre(1, 1, 0, 1));
}

TEST_P(JobOverviewTest, ShowsWorkersInFullToWhoSeesAll) {
  put({.kind = test_kind, .app_id = "demo"});
  put({.kind = test_kind, .app_id = "other"});
  take(ann);
  take(bob);
  const auto listed = [&](const Scope& scope) {
    return database().get([&](db::Transaction& t) { return list_workers(t, scope); });
  };
  ASSERT_EQ(listed({}).size(), 2U);
  EXPECT_EQ(listed({})[1].name, "test");
  EXPECT_EQ(listed({})[1].running, 1);
  ASSERT_EQ(listed(demo).size(), 1U);
  EXPECT_EQ(listed(demo)[0].id, ann);
  EXPECT_EQ(listed(demo)[0].running, 1);
  EXPECT_EQ(listed(demo)[0].name, "");
}

TEST_P(JobOverviewTest, CountsByDay) {
  end(put({.kind = test_kind, .app_id = "demo"}), state::completed);
  end(put({.kind = other_kind, .app_id = "demo"}), state::cancelled);
  clock().advance(24h);
  end(put({.kind = test_kind, .app_id = "demo"}), state::discarded);
  end(put({.kind = test_kind, .app_id = "other"}), state::discarded);
  const auto both = days(demo, 2);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].completed, 1);
  EXPECT_EQ(both[0].cancelled, 1);
  EXPECT_EQ(both[1].discarded, 1);
  EXPECT_EQ(both[1].day - both[0].day, 24h);
  ASSERT_EQ(days(demo, 1).size(), 1U);
  EXPECT_EQ(days({}, 1)[0].discarded, 2);
  const auto by_kind = days(demo, 2, true);
  ASSERT_EQ(by_kind.size(), 3U);
  EXPECT_EQ(by_kind[0].kind, "test.other");
}

TEST_P(JobOverviewTest, KnowsWhenWhatRecursRunsNext) {
  const std::vector<Cron> crons{{.name = "night", .kind = test_kind, .schedule = "0 3 * * *"},
                                {.name = "new", .kind = test_kind, .schedule = "@daily"}};
  execute("INSERT INTO job_crons (name, next_at_ms, last_at_ms) VALUES ('night', 5, 3)");
  const auto entries = database().get([&](db::Transaction& t) { return list_entries(t, crons); });
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].next_at, timestamp_from_ms(5));
  EXPECT_EQ(entries[0].last_at, timestamp_from_ms(3));
  EXPECT_EQ(entries[0].cron.schedule, "0 3 * * *");
  EXPECT_FALSE(entries[1].next_at);
}

}  // namespace
}  // namespace callboard::jobs
