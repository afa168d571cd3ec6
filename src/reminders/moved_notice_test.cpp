#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

// Two people who have been reminded of an event that begins in half an hour.
class MovedNoticeTest : public SendsTest {
 protected:
  MovedNoticeTest() {
    tell_of_moves(true);
    add_at("1", 60min);
    join("1", 1, 2);
    clock().advance(30min);
    work();
    expect_received(1, 2);
  }
  void tell_of_moves(bool does) {
    configure([&](audience::AppSettings& settings) {
      settings.reminders.moved_notice = does;
      settings.reminders.message_template = R"({"text":"soon"})";
      settings.reminders.moved_template = R"({"text":"moved to {{time}}"})";
    });
  }
  // How many reminders and notices there were.
  std::map<std::string, int> heard() { return received_words({"soon", "moved to"}); }
  const Timestamp start_ = clock().now() + 60min;
};
INSTANTIATE_STORE_TESTS(MovedNoticeTest);

TEST_P(MovedNoticeTest, ThoseWhoWereRemindedHearOfTheMoveAtOnce) {
  move_to("1", start_ + 3h);
  work();
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 2), Pair("soon", 2)));
  work_until(start_ + 3h, 15min);
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 2), Pair("soon", 4))) << "of the new start";
  EXPECT_THAT(shown_sends(), UnorderedElementsAre("30 done", "0 done", "30 done"));
}

TEST_P(MovedNoticeTest, ASmallMoveIsNotTold) {
  move_to("1", start_ + 10min);
  work_until(start_ + 10min, 5min);
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 0), Pair("soon", 4)));
}

TEST_P(MovedNoticeTest, WhereItIsOffNobodyHears) {
  tell_of_moves(false);
  move_to("1", start_ + 3h);
  work();
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 0), Pair("soon", 2)));
}

TEST_P(MovedNoticeTest, AMoveBeforeTheReminderIsNotTold) {
  add_at("2", 10h);
  join("2", 3);
  move_to("2", clock().now() + 20h);
  work();
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 0), Pair("soon", 2)));
}

TEST_P(MovedNoticeTest, AMoveToThePastIsNotTold) {
  move_to("1", clock().now() - 1h);
  work();
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 0), Pair("soon", 2)));
}

// What counts is what people were told last. A second move before the notice of the first went out
// cancelled that notice, and there was no other.
TEST_P(MovedNoticeTest, ASecondMoveBeforeTheNoticeIsToldInstead) {
  move_to("1", start_ + 3h);
  move_to("1", start_ + 5h);
  work();
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 2), Pair("soon", 2)));
  EXPECT_THAT(shown_sends(), testing::Contains("0 cancelled event_moved"));
}

TEST_P(MovedNoticeTest, ASecondMoveAfterTheNoticeIsToldToo) {
  move_to("1", start_ + 3h);
  work();
  clock().advance(1min);
  move_to("1", start_ + 5h);
  work();
  EXPECT_THAT(heard(), ElementsAre(Pair("moved to", 4), Pair("soon", 2)));
}

TEST_P(MovedNoticeTest, AMoveThatWasUndoneBeforeTheNoticeIsNotTold) {
  move_to("1", start_ + 3h);
  move_to("1", start_);
  work();
  EXPECT_THAT(heard().at("moved to"), 0);
}

}  // namespace
}  // namespace callboard::reminders
