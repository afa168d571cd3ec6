#include "line/shared_token.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace callboard::line {
namespace {

using namespace std::chrono_literals;

const Channel channel{.channel_id = "1", .channel_secret = "", .messaging_channel_secret = "s"};

class SharedTokensTest : public testing::Test {
 protected:
  Called<StatelessToken> buy() {
    const int number = ++bought_;
    if (fails_) return tl::unexpected(CallFailure{CallFailure::Kind::server_error, 500, "no"});
    return StatelessToken{"token " + std::to_string(number), 900s};
  }

  SimulatedClock clock_;
  std::atomic<int> bought_ = 0;
  bool fails_ = false;
  SharedTokens tokens_{[this](const Channel&) { return buy(); }, clock_};
};

TEST_F(SharedTokensTest, KeepsATokenUntilShortlyBeforeItExpires) {
  EXPECT_EQ(*tokens_.take(channel), "token 1");
  clock_.advance(839s);
  EXPECT_EQ(*tokens_.take(channel), "token 1");
  clock_.advance(1s);
  EXPECT_EQ(*tokens_.take(channel), "token 2");
}

TEST_F(SharedTokensTest, KeepsOneAChannel) {
  Channel other = channel;
  EXPECT_EQ(*tokens_.take(channel), "token 1");
  other.messaging_channel_secret = "rotated";
  EXPECT_EQ(*tokens_.take(other), "token 2");
  EXPECT_EQ(*tokens_.take(channel), "token 1");
}

TEST_F(SharedTokensTest, BuysAnotherWhereLineRefusesOne) {
  tokens_.take(channel);
  tokens_.forget(channel, "some other");
  EXPECT_EQ(*tokens_.take(channel), "token 1");
  tokens_.forget(channel, "token 1");
  EXPECT_EQ(*tokens_.take(channel), "token 2");
}

TEST_F(SharedTokensTest, RemembersNoFailure) {
  fails_ = true;
  EXPECT_EQ(tokens_.take(channel).error().message, "no");
  fails_ = false;
  EXPECT_EQ(*tokens_.take(channel), "token 2");
}

TEST_F(SharedTokensTest, HasABound) {
  Channel each = channel;
  for (std::size_t i = 0; i <= SharedTokens::max_channels; ++i) {
    each.channel_id = std::to_string(i);
    tokens_.take(each);
    clock_.advance(1ms);
  }
  each.channel_id = "1";
  EXPECT_EQ(*tokens_.take(each), "token 2");
  each.channel_id = "0";
  EXPECT_EQ(*tokens_.take(each), "token " + std::to_string(SharedTokens::max_channels + 2));
}

// Those who come while one is being bought get that one.
TEST(SharedTokens, AreBoughtOnce) {
  SimulatedClock clock;
  std::promise<void> may_answer;
  std::promise<void> is_asked;
  std::atomic<int> bought = 0;
  SharedTokens tokens(
      [&](const Channel&) -> Called<StatelessToken> {
        if (++bought == 1) is_asked.set_value();
        may_answer.get_future().wait();
        return StatelessToken{"the token", 900s};
      },
      clock);
  std::vector<std::future<Called<std::string>>> takers;
  const auto take = [&] { return tokens.take(channel); };
  takers.push_back(std::async(std::launch::async, take));
  is_asked.get_future().wait();
  for (int i = 0; i < 4; ++i) takers.push_back(std::async(std::launch::async, take));
  may_answer.set_value();
  for (auto& taker : takers) EXPECT_EQ(*taker.get(), "the token");
  EXPECT_EQ(bought, 1);
}

}  // namespace
}  // namespace callboard::line
