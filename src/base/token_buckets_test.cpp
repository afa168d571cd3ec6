#include "base/token_buckets.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace callboard {
namespace {

using namespace std::chrono_literals;

class TokenBucketsTest : public testing::Test {
 protected:
  // How many of `tries` get a token now.
  int taken(std::string_view key, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) {
      count += buckets_.take(key, rate_, clock_.monotonic()) == 0ns ? 1 : 0;
    }
    return count;
  }

  SimulatedClock clock_;
  Rate rate_{5, 1s};
  TokenBuckets buckets_;
};

TEST_F(TokenBucketsTest, GivesItsCountAtOnceAndThenAsTimeGoes) {
  EXPECT_EQ(taken("alice", 100), 5);
  clock_.advance(199ms);
  EXPECT_EQ(taken("alice", 100), 0);
  clock_.advance(1ms);
  EXPECT_EQ(taken("alice", 100), 1);
  clock_.advance(600ms);
  EXPECT_EQ(taken("alice", 100), 3);
  clock_.advance(1h);
  EXPECT_EQ(taken("alice", 100), 5) << "no more than full";
}

TEST_F(TokenBucketsTest, SaysExactlyHowLongToWait) {
  taken("alice", 5);
  EXPECT_EQ(buckets_.take("alice", rate_, clock_.monotonic()), 200ms);
  clock_.advance(150ms);
  EXPECT_EQ(buckets_.take("alice", rate_, clock_.monotonic()), 50ms);
  clock_.advance(50ms);
  EXPECT_EQ(buckets_.take("alice", rate_, clock_.monotonic()), 0ns);
}

TEST_F(TokenBucketsTest, LookingTakesNothing) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(buckets_.wait("alice", rate_, clock_.monotonic()), 0ns);
  EXPECT_EQ(taken("alice", 100), 5);
  EXPECT_EQ(buckets_.wait("alice", rate_, clock_.monotonic()), 200ms);
}

TEST_F(TokenBucketsTest, KeepsKeysApart) {
  EXPECT_EQ(taken("alice", 100), 5);
  EXPECT_EQ(taken("bob", 100), 5);
}

TEST_F(TokenBucketsTest, WithoutALimitEverythingPasses) {
  rate_.count = 0;
  EXPECT_EQ(taken("alice", 1'000), 1'000);
}

TEST_F(TokenBucketsTest, LongPeriodsAreExactToo) {
  rate_ = {5, 1min};
  EXPECT_EQ(taken("mallory", 6), 5);
  EXPECT_EQ(buckets_.take("mallory", rate_, clock_.monotonic()), 12s);
}

// Whoever floods the table with keys does not free the one that is being limited: its place is
// the last to be given away.
TEST_F(TokenBucketsTest, MemoryIsBoundedAndFullBucketsGoFirst) {
  TokenBuckets small(512);  // one set in each shard
  const auto now = clock_.monotonic();
  for (int i = 0; i < 5; ++i) small.take("mallory", rate_, now);
  for (int i = 0; i < 100'000; ++i) small.take("key " + std::to_string(i), rate_, now);
  EXPECT_GT(small.take("mallory", rate_, now), 0ns);
}

TEST_F(TokenBucketsTest, ThreadsTogetherGetTheCountAndNoMore) {
  std::atomic<int> sum = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { sum += taken("alice", 1'000); });
  }
  EXPECT_EQ(sum, 5);
}

TEST(TooManyRequests, WaitsWholeSecondsAndNeverNone) {
  EXPECT_EQ(too_many_requests(1ns).retry_after(), 1s);
  EXPECT_EQ(too_many_requests(12s).retry_after(), 12s);
  EXPECT_EQ(too_many_requests(12s).code(), ErrorCode::too_many);
}

}  // namespace
}  // namespace callboard
