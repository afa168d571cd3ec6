#include "reminders/quota.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

line::sandbox::Options limited_to(std::int64_t messages) {
  line::sandbox::Options options = sandbox_options();
  options.monthly_limit = messages;
  return options;
}

// Two messages are left of the month.
class QuotaTest : public SendsTest {
 protected:
  QuotaTest() : SendsTest(limited_to(2)) {}
};
INSTANTIATE_STORE_TESTS(QuotaTest);

TEST_P(QuotaTest, WhatThereIsQuotaForIsSent) {
  add_at("1", 30min);
  join("1", 1, 2);
  work();
  expect_received(1, 2);
}

TEST_P(QuotaTest, NobodyIsSentWhatNotAllCanBeSent) {
  add_at("1", 30min);
  join("1", 1, 3);
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 held monthly_quota"));
}

TEST_P(QuotaTest, OnlyThoseWhoCanBeSentToCount) {
  add_at("1", 30min);
  join("1", 1, 4);
  set_blocked(3, true);
  leave("1", 4);
  subscribe_to("1", "ann");
  work();
  expect_received(1, 2);
}

TEST_P(QuotaTest, WhatIsHeldIsSentWhenThereIsQuota) {
  add_at("1", 30min);
  join("1", 1, 3);
  work();
  limit_month_to(3);
  clock().advance(5min - 1ms);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1ms);
  work();
  expect_received(1, 3);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

// When its grace was over it said that it was late.
TEST_P(QuotaTest, WhatIsHeldExpiresForWantOfQuota) {
  add_at("1", 30min);
  join("1", 1, 3);
  work_until(clock().now() + 30min, 1min);
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 expired monthly_quota"));
}

TEST_P(QuotaTest, WhatIsHeldCanBeMoved) {
  add_at("1", 30min);
  join("1", 1, 3);
  work();
  move_to("1", clock().now() + 2h);
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved", "30 scheduled"));
  limit_month_to(3);
  work_until(clock().now() + 2h, 30min);
  expect_received(1, 3);
}

TEST_P(QuotaTest, WhatIsAboutToBeSentIsTakenIntoAccount) {
  add_at("1", 30min);
  add_at("2", 30min);
  join("1", 1, 2);
  join("2", 3, 4);
  work();
  EXPECT_THAT(received(), SizeIs(2));
  EXPECT_THAT(shown_sends(), UnorderedElementsAre("30 done", "30 held monthly_quota"));
}

// All who are subscribed are taken into account, until it is known who of them is sent to.
TEST_P(QuotaTest, WhatIsSetAsideForTheUnreachableIsGivenBack) {
  limit_month_to(3);
  add_at("1", 30min);
  add_at("2", 30min);
  join("1", 1, 2);
  set_blocked(2, true);
  join("2", 3, 4);
  work();
  EXPECT_THAT(received(), SizeIs(3));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done", "30 done"));
}

TEST_P(QuotaTest, WhatLineDoesNotSayIsNotInTheWay) {
  order_always("500", "quota");
  add_at("1", 30min);
  join("1", 1, 2);
  work();
  expect_received(1, 2);
}

// LINE is asked before the first page only: others may use the quota up meanwhile.
TEST_P(QuotaTest, WhereTheMonthIsOverAllOfTheChannelRests) {
  limit_month_to(1'000);
  add_at("1", 30min);
  add_at("2", 30min);
  join("1", 1, 2);
  join("2", 3, 4);
  order_always("429_monthly");
  work();
  clock().advance(1min);
  join("1", 5);
  work();
  EXPECT_THAT(received(), IsEmpty()) << "nor by a push, which there was no fault for";
  order_none();
  clock().advance(9min - 1ms);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1ms);
  work();
  expect_received(1, 5);
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 5)));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done", "30 done"));
  clock().advance(1min);
  join("2", 6);
  work();
  expect_received(1, 6);
}

TEST_P(QuotaTest, WhereTheMonthStaysOverItExpires) {
  limit_month_to(1'000);
  add_at("1", 30min);
  join("1", 1, 2);
  order_always("429_monthly");
  work_until(clock().now() + 50min, 1min);
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(outcomes(), ElementsAre(Pair("expired", 2)));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

}  // namespace
}  // namespace callboard::reminders
