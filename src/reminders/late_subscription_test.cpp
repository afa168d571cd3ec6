#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// An event in half an hour, of which three people have been reminded just now.
class LateSubscriptionTest : public SendsTest {
 protected:
  LateSubscriptionTest() {
    add_at("1", 30min);
    join("1", 1, 3);
  }
  std::vector<std::string> endpoints() {
    std::vector<std::string> all;
    for (const FrozenDelivery& each : deliveries()) all.push_back(each.endpoint);
    return all;
  }
};
INSTANTIATE_STORE_TESTS(LateSubscriptionTest);

TEST_P(LateSubscriptionTest, WhoComesWhenItIsOutGetsAPushAtOnce) {
  work();
  clock().advance(20min);
  join("1", 4);
  work();
  expect_received(1, 4);
  EXPECT_THAT(endpoints(), ElementsAre("multicast", "push"));
  EXPECT_EQ(ledger().back().at("endpoint").as_string(), "push");
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 4)));
}

TEST_P(LateSubscriptionTest, WhoComesInQuietHoursGetsNoneThatIsHeard) {
  using Mode = audience::QuietHours::Mode;
  work();
  for (const Mode mode : {Mode::silent, Mode::skip}) {
    configure([&](audience::AppSettings& settings) {
      settings.reminders.quiet_hours = {.from = 22h, .to = 7h, .mode = mode};
    });
    join("1", mode == Mode::silent ? 4 : 5);
  }
  EXPECT_THAT(deliveries().back().body, testing::HasSubstr(R"("notificationDisabled":true)"));
  work();
  expect_received(1, 4);
}

TEST_P(LateSubscriptionTest, WhoComesAfterTheStartGetsNone) {
  work();
  clock().advance(30min);
  join("1", 4);
  work();
  expect_received(1, 3);
}

TEST_P(LateSubscriptionTest, WhoComesBackIsNotRemindedAgain) {
  work();
  for (int i = 0; i < 2; ++i) {
    join("1", 4);
    work();
    leave("1", 4);
    leave("1", 2);
    join("1", 2);
    work();
  }
  expect_received(1, 4);
}

TEST_P(LateSubscriptionTest, WhoComesBackBeforeTheirPushWentOutGetsOne) {
  work();
  join("1", 4);
  leave("1", 4);
  join("1", 4);
  work();
  expect_received(1, 4);
}

TEST_P(LateSubscriptionTest, WhoWantsNoRemindersGetsNone) {
  work();
  join("1", 4, 4, false);
  work();
  expect_received(1, 3);
}

TEST_P(LateSubscriptionTest, WhoHasBlockedTheAccountIsSkipped) {
  work();
  set_blocked(4, true);
  join("1", 4);
  work();
  expect_received(1, 3);
  EXPECT_EQ(outcome_of(4), "blocked");
}

TEST_P(LateSubscriptionTest, WhoComesBeforeItIsClaimedIsInAPage) {
  join("1", 4);
  work();
  expect_received(1, 4);
  EXPECT_THAT(endpoints(), ElementsAre("multicast"));
}

TEST_P(LateSubscriptionTest, WhoComesBetweenPagesGetsOne) {
  join("1", 11, 600);
  page_once();
  join("1", 4, 5);
  join("1", 601, 602);
  work();
  const auto counts = received();
  EXPECT_EQ(counts.size(), 597u);
  for (const auto& [user, times] : counts) EXPECT_EQ(times, 1) << user;
}

TEST_P(LateSubscriptionTest, WhoLeavesBetweenPagesIsInNoLaterOne) {
  join("1", 11, 600);
  page_once();
  leave("1", 600);
  leave("1", 1);
  work();
  const auto counts = received();
  EXPECT_EQ(counts.size(), 592u);
  EXPECT_EQ(counts.count(person(600)), 0u);
  EXPECT_EQ(counts.count(person(1)), 1u) << "whose page was frozen";
}

TEST_P(LateSubscriptionTest, OfSeveralRemindersThatAreOutTheLatestIsSent) {
  configure([](audience::AppSettings& settings) { settings.reminders.leads = {60min, 40min}; });
  add_at("2", 70min);
  join("2", 11);
  work_until(clock().now() + 30min, 10min);
  join("2", 12);
  work();
  leave("2", 12);
  join("2", 12);
  work();
  EXPECT_EQ(received().at(person(11)), 2);
  EXPECT_EQ(received().at(person(12)), 1);
}

TEST_P(LateSubscriptionTest, WhatHasExpiredIsNotMadeUpFor) {
  clock().advance(15min);
  work();
  join("1", 4);
  work();
  EXPECT_THAT(received(), IsEmpty());
}

TEST_P(LateSubscriptionTest, AfterAMoveTheNewReminderWillDo) {
  work();
  move_to("1", clock().now() + 2h);
  join("1", 4);
  work();
  expect_received(1, 3);
  work_until(clock().now() + 2h, 30min);
  EXPECT_EQ(received().at(person(4)), 1);
}

TEST_P(LateSubscriptionTest, APushIsCalledOffByAMove) {
  work();
  join("1", 4);
  move_to("1", clock().now() + 2h);
  work();
  expect_received(1, 3);
  EXPECT_EQ(outcome_of(4), "cancelled");
}

TEST_P(LateSubscriptionTest, APushIsCalledOffByADeletion) {
  work();
  join("1", 4);
  remove("1");
  work();
  expect_received(1, 3);
}

TEST_P(LateSubscriptionTest, WhoSubscribesToAllIsRemindedToo) {
  work();
  write([&](db::Transaction& transaction) {
    events::subscribe_all(transaction, watcher(), {std::string(test_app), person(4)}, true,
                          audience::find_application(transaction, test_app)->settings,
                          clock().now());
  });
  work();
  expect_received(1, 4);
}

}  // namespace
}  // namespace callboard::reminders
