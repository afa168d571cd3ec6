#include "reminders/fan_out.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class FanOutTest : public SendsTest {
 protected:
  // An event whose reminder is due now.
  void add_due(std::string id = "1") { add_at(std::move(id), 30min); }
  void keep_quiet(audience::QuietHours::Mode mode) {
    configure([&](audience::AppSettings& settings) {
      // The tests' day begins at 22:13.
      settings.reminders.quiet_hours = {.from = 22h, .to = 7h, .mode = mode};
    });
  }
};
INSTANTIATE_STORE_TESTS(FanOutTest);

TEST_P(FanOutTest, WhatWasDueWhileTheServerWasDownIsSentWithinTheGrace) {
  add_at("1", 60min);
  join("1", 1, 3);
  clock().advance(45min - 1ms);
  work();
  expect_received(1, 3);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(FanOutTest, AfterTheGraceItHasExpired) {
  add_at("1", 60min);
  join("1", 1, 3);
  clock().advance(45min);
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 expired late"));
}

TEST_P(FanOutTest, AfterTheStartItHasExpiredWhateverTheGrace) {
  configure([](audience::AppSettings& settings) { settings.reminders.grace = 24h; });
  add_at("1", 60min);
  join("1", 1, 3);
  clock().advance(60min);
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 expired late"));
}

TEST_P(FanOutTest, AClockThatIsSetBackIsWaitedFor) {
  add_at("1", 60min);
  join("1", 1, 3);
  clock().advance(30min);
  clock().advance(-1min);
  EXPECT_TRUE(std::holds_alternative<jobs::outcome::Snoozed>(page_once()));
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1min - 1ms);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1ms);
  work();
  expect_received(1, 3);
}

TEST_P(FanOutTest, AClockThatIsSetBackBetweenPagesIsWaitedForToo) {
  add_at("1", 60min);
  join("1", 1, 501);
  clock().advance(30min);
  page_once();
  clock().advance(-1min);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1min);
  work();
  expect_received(1, 501);
}

TEST_P(FanOutTest, ManyGoOutInPagesEachOnce) {
  add_due();
  join("1", 1, 1'201);
  work();
  expect_received(1, 1'201);
  std::vector<std::int64_t> pages;
  for (const FrozenDelivery& each : deliveries()) pages.push_back(each.recipients);
  EXPECT_THAT(pages, UnorderedElementsAre(500, 500, 201));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(FanOutTest, APageThatIsJustFullIsTheLastOne) {
  add_due();
  join("1", 1, 500);
  work();
  expect_received(1, 500);
  EXPECT_THAT(deliveries(), SizeIs(1));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(FanOutTest, NobodyIsDoneAtOnce) {
  add_due();
  work();
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
  EXPECT_THAT(deliveries(), IsEmpty());
}

TEST_P(FanOutTest, GoesOnWhereItStopped) {
  add_due();
  join("1", 1, 1'201);
  EXPECT_TRUE(std::holds_alternative<jobs::outcome::Snoozed>(page_once()));
  EXPECT_THAT(deliveries(), SizeIs(1));
  EXPECT_TRUE(std::holds_alternative<jobs::outcome::Snoozed>(page_once()));
  EXPECT_THAT(deliveries(), SizeIs(2));
  EXPECT_TRUE(std::holds_alternative<jobs::outcome::Completed>(page_once()));
  EXPECT_THAT(deliveries(), SizeIs(3));
  EXPECT_THAT(received(), IsEmpty()) << "another job sends";
  work();
  expect_received(1, 1'201);
}

TEST_P(FanOutTest, PagesThatAreTooLateAreLeftOut) {
  add_due();
  join("1", 1, 501);
  page_once();
  clock().advance(15min);
  work();
  EXPECT_THAT(received(), IsEmpty()) << "a page was frozen, but nobody had tried it in time";
  EXPECT_THAT(outcomes(), ElementsAre(Pair("expired", 500)));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done late"));
}

TEST_P(FanOutTest, WhoWantsNoRemindersGetsNone) {
  add_due();
  join("1", 1, 2);
  join("1", 3, 4, false);
  work();
  expect_received(1, 2);
}

TEST_P(FanOutTest, WhoHasBlockedTheAccountIsSkippedUntilTheyFollowAgain) {
  add_due("1");
  add_at("2", 60min);
  join("1", 1, 3);
  join("2", 1, 3);
  set_blocked(2, true);
  work();
  EXPECT_EQ(received().count(person(2)), 0u);
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 2), Pair("blocked", 1)));
  clock().advance(1min);
  set_blocked(2, false);
  work_until(clock().now() + 30min, 29min);
  EXPECT_EQ(received().at(person(2)), 1) << "the second event's";
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 5), Pair("blocked", 1)));
}

TEST_P(FanOutTest, WhoHasNoLineAccountIsSkipped) {
  add_due();
  join("1", 1, 2);
  const std::vector<std::string> others = {"ann",
                                           "U",
                                           "U" + std::string(31, '0'),
                                           "U" + std::string(33, '0'),
                                           "u" + std::string(32, '0'),
                                           "U" + std::string(32, 'A'),
                                           "U" + std::string(15, 'a') + "G" + std::string(16, 'b')};
  for (const std::string& other : others) subscribe_to("1", other);
  work();
  expect_received(1, 2);
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 2), Pair("no_line_account", 7)));
}

TEST_P(FanOutTest, InQuietHoursItIsSentSilently) {
  keep_quiet(audience::QuietHours::Mode::silent);
  add_due();
  join("1", 1, 2);
  page_once();
  EXPECT_THAT(deliveries().at(0).body, HasSubstr(R"("notificationDisabled":true)"));
  work();
  expect_received(1, 2);
}

TEST_P(FanOutTest, InQuietHoursItIsNotSent) {
  keep_quiet(audience::QuietHours::Mode::skip);
  add_due();
  join("1", 1, 2);
  work();
  join("1", 3);
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 skipped quiet_hours"));
}

TEST_P(FanOutTest, OutsideOfQuietHoursItIsSentAsEver) {
  keep_quiet(audience::QuietHours::Mode::skip);
  add_at("1", 11h);  // reminded at 8:43
  join("1", 1, 2);
  clock().advance(10h + 30min);
  page_once();
  EXPECT_THAT(deliveries().at(0).body, Not(HasSubstr("notificationDisabled")));
  work();
  expect_received(1, 2);
}

TEST_P(FanOutTest, WithoutAChannelItIsSkipped) {
  add_due();
  join("1", 1, 2);
  configure(
      [](audience::AppSettings& settings) { settings.line.sealed_channel_access_token.clear(); });
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 skipped no_channel"));
}

TEST_P(FanOutTest, ATextThatChangesBetweenPagesIsOfTheLaterOnes) {
  add_due();
  rename("1", "Before");
  join("1", 1, 600);
  page_once();
  rename("1", "After");
  work();
  expect_received(1, 600);
  EXPECT_THAT(received_words({"Before", "After"}),
              ElementsAre(Pair("After", 100), Pair("Before", 500)));
}

TEST_P(FanOutTest, AMoveBetweenPagesCallsOffWhatNobodyTried) {
  add_due();
  join("1", 1, 600);
  page_once();
  move_to("1", clock().now() + 3h);
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(outcomes(), ElementsAre(Pair("cancelled", 500)));
  work_until(clock().now() + 3h, 30min);
  expect_received(1, 600);
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved", "30 done"));
}

TEST_P(FanOutTest, ADeletionBetweenPagesCallsOffWhatNobodyTried) {
  add_due();
  join("1", 1, 600);
  page_once();
  remove("1");
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(outcomes(), ElementsAre(Pair("cancelled", 500)));
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_deleted"));
}

TEST_P(FanOutTest, AnEventThatChangedBehindItsBackIsNotSent) {
  add_due();
  join("1", 1, 600);
  page_once();
  execute("UPDATE events SET version = 2");
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved"));
}

TEST_P(FanOutTest, AnApplicationThatIsDeletedBetweenPagesTakesAllWithIt) {
  add_due();
  join("1", 1, 600);
  page_once();
  write([](db::Transaction& transaction) { audience::delete_application(transaction, test_app); });
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_EQ(count("sends"), 0);
  EXPECT_EQ(count("send_deliveries"), 0);
  EXPECT_EQ(count("jobs"), 0);
}

}  // namespace
}  // namespace callboard::reminders
