#include "jobs/job_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "jobs/job_shown.hpp"
#include "tests/support/jobs.hpp"

namespace callboard::jobs {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr WorkerId ann = 7;

class JobListTest : public JobsTest {
 protected:
  std::vector<std::int64_t> listed(const ListQuery& query = {}) {
    std::vector<std::int64_t> ids;
    for (const ListedJob& job : database().get(
             [&](db::Transaction& transaction) { return list_jobs(transaction, query); })) {
      ids.push_back(job.id);
    }
    return ids;
  }
  std::optional<JobDetail> found(const Scope& scope, std::int64_t id) {
    return database().get(
        [&](db::Transaction& transaction) { return find_job(transaction, scope, id); });
  }
  void end(std::int64_t id, std::string_view how) {
    write([&](db::Transaction& transaction) {
      end_waiting(transaction, {&id, 1}, how, clock().now());
    });
  }
};
INSTANTIATE_STORE_TESTS(JobListTest);

TEST_P(JobListTest, MergesWhatWaitsAndWhatIsOver) {
  const auto first = put(), second = put(1min), third = put(), fourth = put();
  end(first, state::completed);
  end(third, state::discarded);
  EXPECT_THAT(listed(), ElementsAre(fourth, third, second, first));
  EXPECT_THAT(listed({.before = fourth, .limit = 2}), ElementsAre(third, second));
  EXPECT_THAT(listed({.before = second}), ElementsAre(first));
}

TEST_P(JobListTest, FiltersByStateQueueAndKind) {
  const auto now = put(), later = put(1min), other = put({.kind = other_kind}), over = put();
  end(over, state::completed);
  const auto with = [&](JobFilter filter) { return listed({.filter = std::move(filter)}); };
  EXPECT_THAT(with({.state = "available"}), ElementsAre(other, now));
  EXPECT_THAT(with({.state = "scheduled"}), ElementsAre(later));
  EXPECT_THAT(with({.state = "completed"}), ElementsAre(over));
  EXPECT_THAT(with({.state = "running"}), IsEmpty());
  EXPECT_THAT(with({.state = "asleep"}), IsEmpty());
  EXPECT_THAT(with({.queue = "other"}), ElementsAre(other));
  EXPECT_THAT(with({.kind = "test.work"}), ElementsAre(over, later, now));
  EXPECT_THAT(with({.state = "available", .queue = "test"}), ElementsAre(now));
}

TEST_P(JobListTest, ShowsWhatIsInTheScopeAlone) {
  const auto own = put();
  const auto mine = put({.kind = test_kind, .app_id = "mine"});
  const auto more = put({.kind = test_kind, .app_id = "more"});
  const auto theirs = put({.kind = test_kind, .app_id = "theirs"});
  const Scope one{std::vector<std::string>{"mine"}};
  const Scope two{std::vector<std::string>{"mine", "more"}};
  EXPECT_THAT(listed(), ElementsAre(theirs, more, mine, own));
  EXPECT_THAT(listed({.scope = one}), ElementsAre(mine));
  EXPECT_THAT(listed({.scope = two}), ElementsAre(more, mine));
  EXPECT_THAT(listed({.scope = two.narrowed_to("more")}), ElementsAre(more));
  EXPECT_THAT(listed({.scope = two.narrowed_to("theirs")}), IsEmpty());
  EXPECT_THAT(listed({.scope = Scope{}.narrowed_to("theirs")}), ElementsAre(theirs));
  EXPECT_TRUE(found(one, mine));
  EXPECT_FALSE(found(one, theirs));
  EXPECT_FALSE(found(two, own));
  EXPECT_TRUE(found({}, own));
  end(theirs, state::discarded);
  EXPECT_FALSE(found(two, theirs));
  EXPECT_FALSE(found(two.narrowed_to("theirs"), theirs));
}

TEST_P(JobListTest, TellsAllOfOne) {
  const auto id = put({.kind = test_kind,
                       .app_id = "demo",
                       .payload = R"({"user":"u"})",
                       .max_attempts = 3,
                       .unique_key = "k"});
  write([&](db::Transaction& transaction) {
    register_worker(transaction, ann, "test", clock().now(), clock().now() + 30s);
    EXPECT_EQ(claim(transaction, ann, test_kind.name, 1, clock().now()).size(), 1U);
    set_progress(transaction, ann, id, 1, 2);
  });
  auto shown = to_json(found({}, id).value());
  EXPECT_EQ(shown["state"], "running");
  EXPECT_EQ(shown["payload"].at("user"), "u");
  EXPECT_EQ(shown["progress"].at("total"), 2);
  EXPECT_EQ(shown["worker_id"], "7");
  EXPECT_EQ(shown["unique_key"], "k");
  EXPECT_EQ(shown["started_at"], boost::json::value(rfc3339(clock().now())));
  EXPECT_TRUE(shown["finished_at"].is_null());
  write([&](db::Transaction& transaction) {
    Job job;
    job.id = id;
    job.attempt = 1;
    job.started_at = clock().now();
    job.errors = "[]";
    fail(transaction, ann, job, "no luck", std::nullopt, clock().now());
  });
  shown = to_json(found({}, id).value());
  EXPECT_EQ(shown["state"], "discarded");
  EXPECT_EQ(shown["errors"].at(0).at("message"), "no luck");
  EXPECT_EQ(shown["finished_at"], boost::json::value(rfc3339(clock().now())));
  EXPECT_TRUE(shown["worker_id"].is_null());
}

}  // namespace
}  // namespace callboard::jobs
