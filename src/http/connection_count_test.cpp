#include "http/connection_count.hpp"

#include <gtest/gtest.h>

namespace callboard::http {
namespace {

using Verdict = ConnectionCount::Verdict;

TEST(ConnectionCount, LimitsAllAndEachAddress) {
  const auto a = boost::asio::ip::make_address("192.0.2.1");
  const auto b = boost::asio::ip::make_address("2001:db8::1");
  ConnectionCount count(4, 2);
  EXPECT_EQ(count.admit(a, false), Verdict::admitted);
  EXPECT_EQ(count.admit(a, false), Verdict::admitted);
  EXPECT_EQ(count.admit(a, false), Verdict::too_many_of_address);
  EXPECT_EQ(count.admit(a, true), Verdict::admitted);
  EXPECT_EQ(count.admit(b, false), Verdict::admitted);
  EXPECT_EQ(count.admit(b, false), Verdict::too_many);
  EXPECT_EQ(*count.open(), 4);
  count.release(a, false);
  EXPECT_EQ(count.admit(a, false), Verdict::admitted);
}

TEST(ConnectionCount, TellsWhenNoneIsLeft) {
  const auto a = boost::asio::ip::make_address("192.0.2.1");
  ConnectionCount count(4, 2);
  EXPECT_TRUE(count.wait_until_none(std::chrono::milliseconds{0}));
  count.admit(a, false);
  EXPECT_FALSE(count.wait_until_none(std::chrono::milliseconds{0}));
  count.release(a, false);
  EXPECT_TRUE(count.wait_until_none(std::chrono::milliseconds{0}));
}

}  // namespace
}  // namespace callboard::http
