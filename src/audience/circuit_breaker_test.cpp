#include "audience/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace callboard::audience {
namespace {

using namespace std::chrono_literals;

class CircuitBreakerTest : public testing::Test {
 protected:
  bool is_barred() { return breaker_.barred_for(clock_.monotonic()).has_value(); }
  bool fail() { return breaker_.failed(clock_.monotonic()); }
  void open() {
    while (!fail()) {
    }
  }

  SimulatedClock clock_;
  CircuitBreaker breaker_;
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  for (int i = 1; i < CircuitBreaker::max_failures; ++i) {
    EXPECT_FALSE(fail());
    EXPECT_FALSE(is_barred());
  }
  EXPECT_TRUE(fail());
  EXPECT_EQ(breaker_.barred_for(clock_.monotonic()), CircuitBreaker::pause);
}

TEST_F(CircuitBreakerTest, CountsFailuresInARowOnly) {
  for (int i = 1; i < CircuitBreaker::max_failures; ++i) fail();
  breaker_.succeeded();
  EXPECT_FALSE(fail());
  EXPECT_FALSE(is_barred());
}

TEST_F(CircuitBreakerTest, LetsOneTryAfterThePause) {
  open();
  clock_.advance(CircuitBreaker::pause - 1ms);
  EXPECT_EQ(breaker_.barred_for(clock_.monotonic()), 1ms);
  clock_.advance(1ms);
  EXPECT_FALSE(is_barred());
  EXPECT_TRUE(is_barred());  // that one has not come back yet
}

TEST_F(CircuitBreakerTest, FollowsTheOutcomeOfTheTrial) {
  open();
  clock_.advance(CircuitBreaker::pause);
  EXPECT_FALSE(is_barred());
  EXPECT_TRUE(fail());
  EXPECT_TRUE(is_barred());
  clock_.advance(CircuitBreaker::pause);
  EXPECT_FALSE(is_barred());
  breaker_.succeeded();
  EXPECT_FALSE(is_barred());
  EXPECT_FALSE(is_barred());
}

TEST_F(CircuitBreakerTest, SurvivesATrialThatNeverComesBack) {
  open();
  clock_.advance(CircuitBreaker::pause);
  EXPECT_FALSE(is_barred());
  clock_.advance(CircuitBreaker::pause);
  EXPECT_FALSE(is_barred());
}

}  // namespace
}  // namespace callboard::audience
