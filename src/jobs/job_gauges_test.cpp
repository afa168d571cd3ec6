#include "jobs/job_gauges.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/jobs.hpp"

namespace callboard::jobs {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class JobGaugesTest : public JobsTest {
 protected:
  JobGauges gauges_{database(), clock(), metrics()};
};
INSTANTIATE_STORE_TESTS(JobGaugesTest);

TEST_P(JobGaugesTest, CountsAnewAtMostEveryFewSeconds) {
  put();
  put(1min);
  EXPECT_THAT(metrics().render(), HasSubstr("callboard_jobs{state=\"available\"} 0"));
  gauges_.refresh();
  EXPECT_THAT(metrics().render(), HasSubstr("callboard_jobs{state=\"available\"} 1"));
  EXPECT_THAT(metrics().render(), HasSubstr("callboard_jobs{state=\"scheduled\"} 1"));
  put();
  clock().advance(JobGauges::period - 1ms);
  gauges_.refresh();
  EXPECT_THAT(metrics().render(), HasSubstr("callboard_jobs{state=\"available\"} 1"));
  clock().advance(1ms);
  gauges_.refresh();
  EXPECT_THAT(metrics().render(), HasSubstr("callboard_jobs{state=\"available\"} 2"));
}

TEST_P(JobGaugesTest, StaysAsItWasWhereTheDatabaseFails) {
  put();
  gauges_.refresh();
  execute("ALTER TABLE jobs RENAME TO jobs_elsewhere");
  clock().advance(JobGauges::period);
  gauges_.refresh();
  EXPECT_THAT(metrics().render(), HasSubstr("callboard_jobs{state=\"available\"} 1"));
}

}  // namespace
}  // namespace callboard::jobs
