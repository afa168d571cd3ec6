#include "base/per_thread.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace callboard {
namespace {

int& count_of(const PerThread<int>& counts) {
  return counts.mine([] { return 0; });
}

TEST(PerThread, EachThreadHasItsOwn) {
  const PerThread<int> counts;
  count_of(counts) = 1;
  int elsewhere = -1;
  std::thread([&] { elsewhere = ++count_of(counts); }).join();
  EXPECT_EQ(elsewhere, 1);
  EXPECT_EQ(count_of(counts), 1);
}

TEST(PerThread, EachOwnerHasItsOwn) {
  const PerThread<int> one, two;
  count_of(one) = 1;
  EXPECT_EQ(count_of(two), 0);
  EXPECT_EQ(count_of(one), 1);
}

TEST(PerThread, ForgetsTheOldestOfTooManyOwners) {
  const PerThread<int> first;
  count_of(first) = 1;
  for (std::size_t i = 0; i < per_thread_detail::max_owners; ++i) count_of(PerThread<int>()) = 2;
  EXPECT_EQ(count_of(first), 0) << "made anew, not another's";
}

}  // namespace
}  // namespace callboard
