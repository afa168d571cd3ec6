#include "reminders/send_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace callboard::reminders {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime start{1'000s};

// Who calls at random moments, and what came of it.
class RandomCaller {
 public:
  explicit RandomCaller(std::uint64_t seed) : random_(seed) {}

  void call(std::size_t limit) {
    now_ += std::chrono::microseconds(below(below(4) == 0 ? 700'000 : 20'000));
    const auto wait = window_.take(limit, now_);
    if (wait == 0ns) {
      EXPECT_LT(begun_within(now_), limit) << "no place was left";
      begun_.push_back(now_);
    } else {
      EXPECT_GE(begun_within(now_), limit) << "a place was left";
      EXPECT_LT(begun_within(now_ + wait), limit) << "the wait is just as long as it must be";
      EXPECT_GE(begun_within(now_ + wait - 1ns), limit);
    }
  }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::size_t begun() const { return begun_.size(); }

 private:
  // Within the window that ends just before that moment.
  std::size_t begun_within(MonotonicTime time) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        begun_, [&](MonotonicTime each) { return each + SendWindow::length > time; }));
  }

  std::mt19937_64 random_;
  SendWindow window_;
  MonotonicTime now_ = start;
  std::vector<MonotonicTime> begun_;
};

TEST(SendWindowTest, NeverMoreThanTheLimitInAnySecond) {
  static_assert(SendWindow::length >= 1s);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomCaller caller(seed);
    const std::size_t limit = 1 + caller.below(8);
    for (int i = 0; i < 500; ++i) caller.call(limit);
    EXPECT_GT(caller.begun(), 20u);
  }
}

TEST(SendWindowTest, HoldsALimitThatChanges) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomCaller caller(seed);
    for (int i = 0; i < 500; ++i) caller.call(1 + caller.below(8));
  }
}

TEST(SendWindowTest, ALoweredLimitWaitsForAllThatAreAboveIt) {
  SendWindow window;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(window.take(3, start + i * 100ms), 0ns);
  EXPECT_EQ(window.take(1, start + 200ms), SendWindow::length) << "the last of the three";
  EXPECT_EQ(window.take(2, start + 200ms), SendWindow::length - 100ms);
  EXPECT_EQ(window.take(4, start + 200ms), 0ns) << "waiting took no place";
}

TEST(SendWindowTest, TakesNoneWhileItIsClosed) {
  SendWindow window;
  window.close_until(start + 500ms);
  window.close_until(start + 300ms);
  EXPECT_EQ(window.take(1, start), 500ms) << "the later of the two holds";
  EXPECT_EQ(window.take(1, start + 500ms - 1ns), 1ns);
  EXPECT_EQ(window.take(1, start + 500ms), 0ns);
  EXPECT_EQ(window.take(1, start + 500ms), SendWindow::length);
}

TEST(SendWindowTest, APlaceIsOfTheCallThatIsMadeLater) {
  SendWindow window;
  EXPECT_EQ(window.take(2, start), 0ns);
  EXPECT_EQ(window.take(2, start + 100ms), 0ns);
  EXPECT_TRUE(window.renew(start, start + 300ms));
  EXPECT_EQ(window.take(2, start + 300ms), SendWindow::length - 200ms)
      << "the second is the oldest";
  EXPECT_FALSE(window.renew(start, start + 300ms)) << "it was renewed already";
  EXPECT_FALSE(window.renew(start + 300ms, start + 300ms + SendWindow::length)) << "it is over";
  window.close_until(start + 500ms);
  EXPECT_FALSE(window.renew(start + 100ms, start + 400ms));
}

}  // namespace
}  // namespace callboard::reminders
