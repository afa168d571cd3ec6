#include "jobs/job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace callboard::jobs {
namespace {

using std::chrono::milliseconds;

TEST(RetryPolicy, DoublesUpToItsCap) {
  const RetryPolicy policy{milliseconds{100}, milliseconds{350}, 0};
  EXPECT_EQ(policy.pause_after(1, 0.5), milliseconds{100});
  EXPECT_EQ(policy.pause_after(2, 0.5), milliseconds{200});
  EXPECT_EQ(policy.pause_after(3, 0.5), milliseconds{350});
  EXPECT_EQ(policy.pause_after(no_last_attempt, 0.5), milliseconds{350});
}

TEST(RetryPolicy, TakesAPartAwayByChance) {
  const RetryPolicy policy{milliseconds{100}, milliseconds{350}, 0.2};
  EXPECT_EQ(policy.pause_after(1, 0), milliseconds{100});
  EXPECT_EQ(policy.pause_after(1, 0.5), milliseconds{90});
  EXPECT_EQ(policy.pause_after(1, 1), milliseconds{80});
}

TEST(Job, KeepsItsLastErrors) {
  std::string errors = "[]";
  for (int attempt = 1; attempt <= 7; ++attempt) {
    errors = with_error(errors, attempt, "no luck", Timestamp{});
  }
  const auto kept = boost::json::parse(errors).as_array();
  ASSERT_EQ(kept.size(), kept_errors);
  EXPECT_EQ(boost::json::serialize(kept.front()),
            R"({"at":"1970-01-01T00:00:00.000Z","attempt":3,"message":"no luck"})");
}

TEST(Job, CutsLongErrorsBetweenCharacters) {
  std::string message(max_error_bytes - 1, 'x');
  message += "\u00e9";
  const auto kept = boost::json::parse(with_error("damaged", 1, message, {})).as_array();
  EXPECT_EQ(kept.at(0).at("message").as_string(), std::string(max_error_bytes - 1, 'x'));
}

TEST(Job, KnowsItsStates) {
  for (const auto state : {state::scheduled, state::available, state::running, state::retryable}) {
    EXPECT_TRUE(is_state(state));
    EXPECT_FALSE(is_finished(state));
  }
  for (const auto state : {state::completed, state::discarded, state::cancelled}) {
    EXPECT_TRUE(is_state(state));
    EXPECT_TRUE(is_finished(state));
  }
  EXPECT_FALSE(is_state("paused"));
}

}  // namespace
}  // namespace callboard::jobs
