#include "quizzes/quiz.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

namespace callboard::quizzes {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<ResultType> counted(const std::vector<std::int64_t>& tallies) {
  std::vector<ResultType> types;
  for (const std::int64_t tally : tallies) types.push_back({.type = "t", .tally = tally});
  return types;
}

TEST(Shares, AddUpToAHundredPercent) {
  EXPECT_THAT(shares(counted({1, 1, 1})), ElementsAre(3334, 3333, 3333));
  EXPECT_THAT(shares(counted({1, 2})), ElementsAre(3333, 6667));
  EXPECT_THAT(shares(counted({0, 5, 0})), ElementsAre(0, 10'000, 0));
  EXPECT_THAT(shares(counted({3, 3, 1, 1})), ElementsAre(3750, 3750, 1250, 1250));
  EXPECT_THAT(shares(counted({1, 1, 1, 1, 1, 1})), ElementsAre(1667, 1667, 1667, 1667, 1666, 1666));
}

TEST(Shares, AreZeroOfNothing) {
  EXPECT_THAT(shares(counted({})), IsEmpty());
  EXPECT_THAT(shares(counted({0, 0, 0})), Each(0));
}

TEST(Shares, FitTheLargestTallies) {
  const std::vector<std::int64_t> all(max_types_per_quiz, max_tally);
  EXPECT_THAT(shares(counted(all)), Each(10));
}

// Never further than a hundredth from the exact share, and a larger tally never has less.
TEST(Shares, KeepTheirRulesWhateverIsCounted) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2'000; ++round) {
    const std::int64_t most = std::int64_t{1} << (random() % 50);
    std::vector<std::int64_t> tallies(1 + random() % 40);
    for (auto& tally : tallies) tally = static_cast<std::int64_t>(random()) & (most - 1);
    const std::int64_t total = std::accumulate(tallies.begin(), tallies.end(), std::int64_t{0});
    const auto result = shares(counted(tallies));
    const std::int64_t sum = std::accumulate(result.begin(), result.end(), std::int64_t{0});
    ASSERT_EQ(sum, total == 0 ? 0 : 10'000) << round;
    for (std::size_t i = 0; total > 0 && i < tallies.size(); ++i) {
      const double exact = static_cast<double>(tallies[i]) / static_cast<double>(total) * 10'000;
      ASSERT_LT(std::abs(static_cast<double>(result[i]) - exact), 1.0001) << round;
      for (std::size_t j = 0; j < tallies.size(); ++j) {
        ASSERT_TRUE(tallies[i] <= tallies[j] || result[i] >= result[j]) << round;
      }
    }
  }
}

TEST(Shares, AreWrittenWithTwoDecimals) {
  EXPECT_EQ(percent_text(0), "0.00");
  EXPECT_EQ(percent_text(5), "0.05");
  EXPECT_EQ(percent_text(3334), "33.34");
  EXPECT_EQ(percent_text(10'000), "100.00");
}

TEST(Type, MayHoldAnyTextWithoutControlCharacters) {
  for (const char* right : {"a", "A/b c", "紅茶", "\"<&>", "🫖"})
    EXPECT_TRUE(is_type(right)) << right;
  for (const char* wrong : {"", "a\nb", "\t", "\x7f", "\xc2\x85", "\xff"}) {
    EXPECT_FALSE(is_type(wrong)) << wrong;
  }
  std::string longest;
  for (std::size_t i = 0; i < max_type_characters; ++i) longest += "茶";
  EXPECT_TRUE(is_type(longest));
  EXPECT_FALSE(is_type(longest + "x"));
  EXPECT_FALSE(is_type(std::string(max_type_characters + 1, 'x')));
  EXPECT_TRUE(is_title(""));
  EXPECT_TRUE(is_quiz_key("default"));
  EXPECT_FALSE(is_quiz_key("Default"));
}

}  // namespace
}  // namespace callboard::quizzes
