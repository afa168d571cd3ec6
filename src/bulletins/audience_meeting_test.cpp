#include "bulletins/audience_meeting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace callboard::bulletins {
namespace {

using audience::Direction;
using testing::ElementsAre;

Step step_to(std::string last, std::vector<std::string> sample = {}) {
  return {{.matching = 1, .total = 10, .sample = std::move(sample)}, std::move(last), false};
}
Step whole_gap() {
  return {{.matching = 1, .total = 10, .sample = {}}, "whatever", true};
}

TEST(AudienceMeeting, CountsStepsFromBothEnds) {
  Meeting meeting;
  EXPECT_TRUE(meeting.take(Direction::ascending, meeting.gap(), step_to("f", {"b", "f"})));
  EXPECT_TRUE(meeting.take(Direction::descending, meeting.gap(), step_to("s", {"t", "a"})));
  EXPECT_EQ(meeting.gap(), (Gap{"f", "s"}));
  EXPECT_TRUE(meeting.take(Direction::ascending, meeting.gap(), whole_gap()));
  EXPECT_TRUE(meeting.gap().is_closed());
  const Audience all = std::move(meeting).result();
  EXPECT_EQ(all.total, 30);
  EXPECT_EQ(all.matching, 3);
  EXPECT_THAT(all.sample, ElementsAre("a", "b", "f", "t"));
}

TEST(AudienceMeeting, RefusesAStepIntoWhatTheOtherCounted) {
  Meeting meeting;
  const Gap seen = meeting.gap();
  EXPECT_TRUE(meeting.take(Direction::descending, seen, step_to("k")));
  EXPECT_FALSE(meeting.take(Direction::ascending, seen, step_to("k")));
  EXPECT_FALSE(meeting.take(Direction::ascending, seen, whole_gap()));
  EXPECT_TRUE(meeting.take(Direction::ascending, seen, step_to("j")));
}

// Both had looked at the whole of the last gap; the one that came second was counted once more.
TEST(AudienceMeeting, CountsTheLastGapOnceWhicheverEndClosesIt) {
  for (const auto& [first, second] : {std::pair(Direction::ascending, Direction::descending),
                                      std::pair(Direction::descending, Direction::ascending)}) {
    Meeting meeting;
    const Gap seen = meeting.gap();
    EXPECT_TRUE(meeting.take(first, seen, whole_gap()));
    EXPECT_FALSE(meeting.take(second, seen, whole_gap()));
    EXPECT_FALSE(meeting.take(second, seen, step_to("m")));
    EXPECT_EQ(std::move(meeting).result().total, 10);
  }
}

}  // namespace
}  // namespace callboard::bulletins
