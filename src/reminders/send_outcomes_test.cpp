#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reminders/delivery.hpp"
#include "reminders/page.hpp"
#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

// What becomes of a delivery to three people, by what LINE answers. The event starts in half an
// hour.
class SendOutcomesTest : public SendsTest {
 protected:
  SendOutcomesTest() {
    add_at("1", 30min);
    join("1", 1, 3);
  }
  FrozenDelivery delivery() {
    EXPECT_THAT(deliveries(), SizeIs(1));
    return deliveries().at(0);
  }
  // As if LINE knew one of those no longer who are in the page that is frozen.
  void forget(int number) {
    execute("UPDATE send_deliveries SET body = REPLACE(body, $1, 'nobody')", {person(number)});
    execute("UPDATE send_recipients SET user_id = 'nobody' WHERE user_id = $1", {person(number)});
  }
  std::string outcome_of_nobody() {
    return database().get([](db::Transaction& transaction) {
      return transaction
          .first("SELECT reason FROM send_recipients WHERE user_id = 'nobody'", {},
                 [](const db::Row& row) { return row.string(0); })
          .value_or("");
    });
  }
  // The pause after the first attempt, at most.
  static constexpr std::chrono::milliseconds first_pause = first_retry_pause;
  const Timestamp start_ = clock().now() + 30min;
};
INSTANTIATE_STORE_TESTS(SendOutcomesTest);

TEST_P(SendOutcomesTest, AcceptedIsTheEnd) {
  work();
  EXPECT_EQ(delivery().state, "accepted");
  EXPECT_EQ(delivery().attempts, 1);
  EXPECT_EQ(delivery().body, "") << "nobody needs it any more";
}

TEST_P(SendOutcomesTest, WhereTheRateIsTooHighTheSameGoesOutLater) {
  order_once("429_rate");
  work();
  const FrozenDelivery waiting = delivery();
  EXPECT_EQ(waiting.state, "trying");
  EXPECT_FALSE(waiting.in_doubt);
  EXPECT_GT(waiting.next_attempt_at, clock().now());
  EXPECT_THAT(received(), IsEmpty());
  work();
  EXPECT_EQ(delivery().attempts, 1) << "not before its time";
  clock().advance(first_pause);
  work();
  expect_received(1, 3);
  EXPECT_EQ(ledger().at(0).at("retry_key").as_string(), waiting.retry_key);
}

TEST_P(SendOutcomesTest, WhereTheRateStaysTooHighItExpires) {
  order_always("429_rate");
  work_until(start_ + 1min, 1min);
  EXPECT_EQ(delivery().state, "expired");
  EXPECT_LE(*delivery().ended_at, start_);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(SendOutcomesTest, AFailureThatWasNoneIsFoundOutByTheKey) {
  order_once("accept_500");
  work();
  EXPECT_EQ(delivery().state, "trying");
  EXPECT_TRUE(delivery().in_doubt);
  clock().advance(first_pause);
  work();
  expect_received(1, 3);
  EXPECT_EQ(delivery().state, "accepted");
  EXPECT_EQ(delivery().message, "accepted before");
}

TEST_P(SendOutcomesTest, WhateverBreaksAfterItWasAcceptedItIsReceivedOnce) {
  for (const char* fault :
       {"accept_drop", "accept_timeout", "truncate", "409", "409_without_header", "accept_500"}) {
    SCOPED_TRACE(fault);
    order_once(fault);
    work();
    clock().advance(first_pause);
    work();
    EXPECT_EQ(deliveries().back().state, "accepted");
    remove("1");
    clock().advance(1ms);
    add_at("1", 30min);
    join("1", 1, 3);
  }
  work();
  expect_received(1, 3, 7);
}

TEST_P(SendOutcomesTest, WhateverBreaksBeforeItWasAcceptedItIsReceivedOnce) {
  for (const char* fault : {"drop", "timeout", "500"}) {
    SCOPED_TRACE(fault);
    order_once(fault);
    work();
    clock().advance(first_pause);
    work();
    EXPECT_EQ(deliveries().back().state, "accepted");
    remove("1");
    clock().advance(1ms);
    add_at("1", 30min);
    join("1", 1, 3);
  }
  work();
  expect_received(1, 3, 4);
}

TEST_P(SendOutcomesTest, WhatIsNeverAnsweredIsUnknownByTheStart) {
  order_always("timeout");
  work_until(start_ + 1min, 1min);
  EXPECT_EQ(delivery().state, "unknown");
  EXPECT_LE(*delivery().ended_at, start_);
  EXPECT_GE(*delivery().ended_at, start_ - longest_retry_pause);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
  order_none();
  work_until(start_ + 2h, 10min);
  EXPECT_THAT(received(), IsEmpty());
}

TEST_P(SendOutcomesTest, WhatIsNeverAnsweredIsUnknownAtTheEndOfItsKey) {
  remove("1");
  configure([](audience::AppSettings& settings) { settings.reminders.leads = {48h}; });
  add_at("2", 48h);
  join("2", 1, 3);
  order_always("drop");
  const Timestamp first = clock().now();
  work_until(first + 24h, longest_retry_pause);
  EXPECT_EQ(deliveries().back().state, "unknown");
  EXPECT_LE(*deliveries().back().ended_at, first + retry_key_use);
  EXPECT_GE(*deliveries().back().ended_at, first + retry_key_use - 2 * longest_retry_pause);
  order_none();
  work_until(first + 47h, 1h);
  EXPECT_THAT(received(), IsEmpty()) << "the key is too old, and no other may be used";
}

TEST_P(SendOutcomesTest, WithAWrongTokenTheChannelRestsForAWhile) {
  configure([&](audience::AppSettings& settings) {
    settings.line.sealed_channel_access_token = seal_token("wrong");
  });
  work();
  EXPECT_EQ(delivery().state, "trying");
  EXPECT_FALSE(delivery().in_doubt);
  configure([](audience::AppSettings&) {});
  clock().advance(unauthorized_rest - 1ms);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1ms);
  work();
  expect_received(1, 3);
  EXPECT_EQ(delivery().attempts, 2);
}

TEST_P(SendOutcomesTest, WhatLineRefusesIsRejectedWithItsWords) {
  page_once();
  execute("UPDATE send_deliveries SET body = REPLACE(body, 'altText', 'alternative')");
  work();
  EXPECT_EQ(delivery().state, "rejected");
  EXPECT_THAT(delivery().message, HasSubstr("error(s)"));
  EXPECT_THAT(outcomes(), ElementsAre(Pair("rejected", 3)));
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(SendOutcomesTest, WhomLineNamesIsLeftOutAndTheOthersGetIt) {
  page_once();
  forget(2);
  const std::string old_key = delivery().retry_key;
  work();
  const auto counts = received();
  EXPECT_THAT(counts, ElementsAre(Pair(person(1), 1), Pair(person(3), 1)));
  EXPECT_THAT(outcome_of_nobody(), HasSubstr("error(s)"));
  EXPECT_EQ(outcome_of(1), "accepted");
  EXPECT_THAT(deliveries(), SizeIs(2));
  for (const auto& message : ledger()) EXPECT_NE(message.at("retry_key").as_string(), old_key);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(SendOutcomesTest, WhereLineNamesEverybodyNobodyIsLeft) {
  page_once();
  for (int i = 1; i <= 3; ++i) {
    execute("UPDATE send_deliveries SET body = REPLACE(body, $1, 'nobody')", {person(i)});
  }
  work();
  EXPECT_EQ(delivery().state, "rejected");
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(SendOutcomesTest, WhatWasFrozenAnewKeepsToTheStart) {
  page_once();
  forget(2);
  order(R"({"faults":[{"kind":"ok","endpoint":"multicast"},)"
        R"({"kind":"drop","endpoint":"multicast","rate":1}]})");
  work_until(start_ + 1min, 1min);
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_EQ(outcome_of(1), "unknown");
}

TEST_P(SendOutcomesTest, WhomLineNamesAfterAnAttemptInDoubtIsNotSentToAnew) {
  order_once("accept_500");
  work();
  forget(2);
  clock().advance(first_pause);
  work();
  expect_received(1, 3);
  EXPECT_EQ(delivery().state, "unknown") << "and there is no second key";
}

// The second page is frozen when LINE has named somebody of the first.
TEST_P(SendOutcomesTest, WhoLeftOrBlockedSinceIsInNoSecondPage) {
  join("1", 4, 5);
  page_once();
  leave("1", 2);
  set_blocked(4, true);
  write([&](db::Transaction& transaction) {
    const auto begun = begin_attempt(transaction, delivery().retry_key, clock().now());
    refreeze(transaction, *begun, std::vector<std::size_t>{0}, "who?", clock().now());
  });
  work();
  EXPECT_EQ(received().size(), 2U);
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 2), Pair("blocked", 1),
                                      Pair("unsubscribed", 1), Pair("who?", 1)));
}

TEST_P(SendOutcomesTest, WhereLineNamesNobodyOfThoseInItItIsRejected) {
  page_once();
  write([&](db::Transaction& transaction) {
    const auto begun = begin_attempt(transaction, delivery().retry_key, clock().now());
    refreeze(transaction, *begun, std::vector<std::size_t>{7}, "who?", clock().now());
  });
  EXPECT_EQ(delivery().state, "rejected") << "else the same would go out again and again";
  EXPECT_EQ(outcome_of(1), "rejected");
}

TEST_P(SendOutcomesTest, AMoveEndsWhatIsInDoubtAsUnknown) {
  order_once("accept_500");
  work();
  move_to("1", clock().now() + 2h);
  EXPECT_EQ(delivery().state, "unknown");
  work();
  expect_received(1, 3);
  work_until(clock().now() + 2h, 30min);
  expect_received(1, 3, 2);
}

TEST_P(SendOutcomesTest, ADeletionEndsWhatIsInDoubtAsUnknown) {
  order_once("500");
  work();
  remove("1");
  EXPECT_EQ(delivery().state, "unknown");
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_deleted"));
  work_until(start_, 5min);
  EXPECT_THAT(received(), IsEmpty());
}

TEST_P(SendOutcomesTest, ADeletionCallsOffWhatWasNotTaken) {
  order_once("429_rate");
  work();
  remove("1");
  EXPECT_EQ(delivery().state, "cancelled");
}

TEST_P(SendOutcomesTest, AClockThatIsSetBackMakesNoAttemptEarly) {
  order_once("500");
  work();
  clock().advance(-10min);
  work();
  EXPECT_EQ(delivery().attempts, 1);
  clock().advance(10min + first_pause);
  work();
  expect_received(1, 3);
}

TEST_P(SendOutcomesTest, WhatNobodyTriedGoesOutByTheNewChannel) {
  page_once();
  configure([](audience::AppSettings& settings) { settings.line.channel_id = "42"; });
  work();
  expect_received(1, 3);
  EXPECT_EQ(delivery().channel_id, "default/42");
  EXPECT_EQ(delivery().attempts, 1);
}

TEST_P(SendOutcomesTest, WhatIsInDoubtDoesNotGoOutByAnotherChannel) {
  order_once("accept_500");
  work();
  configure([](audience::AppSettings& settings) { settings.line.channel_id = "42"; });
  clock().advance(first_pause);
  work();
  expect_received(1, 3);
  EXPECT_EQ(delivery().state, "unknown");
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(SendOutcomesTest, WithoutAChannelAnyMoreItIsCalledOff) {
  page_once();
  configure(
      [](audience::AppSettings& settings) { settings.line.sealed_channel_access_token.clear(); });
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_EQ(delivery().state, "cancelled");
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
}

TEST_P(SendOutcomesTest, AnApplicationThatIsDeletedAfterAnAttemptIsForgotten) {
  order_once("500");
  work();
  write([](db::Transaction& transaction) { audience::delete_application(transaction, test_app); });
  work_until(start_, 5min);
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_EQ(count("send_deliveries"), 0);
  EXPECT_EQ(count("jobs"), 0);
}

}  // namespace
}  // namespace callboard::reminders
