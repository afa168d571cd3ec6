#include "bulletins/answer_memo.hpp"

#include <gtest/gtest.h>

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp noon{43'200s};
constexpr Basis basis{1, 2, 3};

class AnswerMemoTest : public testing::Test {
 protected:
  void remember(const std::string& user, const Basis& from = basis) {
    memo_.remember({"app", user}, from, noon, noon + 10s, Answer());
  }
  bool knows(const std::string& user, Timestamp now = noon, const Basis& asked = basis) {
    return memo_.find({"app", user}, asked, now) != nullptr;
  }

  AnswerMemo memo_{8 * AnswerMemo::typical_bytes};
};

TEST_F(AnswerMemoTest, HoldsForTheSameBasisUntilTheNextEdge) {
  remember("ann");
  EXPECT_TRUE(knows("ann"));
  EXPECT_TRUE(knows("ann", noon + 9s));
  EXPECT_FALSE(knows("ann", noon + 10s));
  EXPECT_FALSE(knows("ann", noon - 1s)) << "the clock went back";
  EXPECT_FALSE(knows("bob"));
  for (const Basis& other : {Basis{9, 2, 3}, Basis{1, 9, 3}, Basis{1, 2, 9}}) {
    EXPECT_FALSE(knows("ann", noon, other));
  }
}

TEST_F(AnswerMemoTest, AnotherApplicationsUserIsAnother) {
  remember("ann");
  EXPECT_EQ(memo_.find({"other", "ann"}, basis, noon), nullptr);
}

TEST_F(AnswerMemoTest, TheLastAnswerReplacesTheOneBefore) {
  remember("ann");
  remember("ann", {7, 7, 7});
  EXPECT_FALSE(knows("ann"));
  EXPECT_TRUE(knows("ann", noon, {7, 7, 7}));
}

TEST_F(AnswerMemoTest, StartsAfreshWhenItsBytesAreUsedUp) {
  const std::string long_id(AnswerMemo::typical_bytes * 6, 'x');
  remember(long_id);
  EXPECT_TRUE(knows(long_id));
  remember(long_id + "y");
  EXPECT_FALSE(knows(long_id));
  EXPECT_TRUE(knows(long_id + "y"));
  remember(std::string(12 * AnswerMemo::typical_bytes, 'x'));
  EXPECT_TRUE(knows(long_id + "y")) << "what can't fit disturbs nothing";
}

}  // namespace
}  // namespace callboard::bulletins
