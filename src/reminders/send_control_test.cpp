#include "reminders/send_control.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reminders/user_sends.hpp"
#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

class SendControlTest : public SendsTest {
 protected:
  void set_leads(std::vector<std::chrono::minutes> leads) {
    configure(
        [&](audience::AppSettings& settings) { settings.reminders.leads = std::move(leads); });
    sync(database(), std::string(test_app), clock());
  }
  void resend_it(const Send& send) {
    write([&](db::Transaction& transaction) { resend(transaction, send, clock().now()); });
  }
};
INSTANTIATE_STORE_TESTS(SendControlTest);

TEST_P(SendControlTest, WhatIsExpiredGoesOutAfterAllToWhomNobodyTried) {
  add_at("1", 60min);
  join("1", 1, 2);
  write([&](db::Transaction& transaction) {
    expire_by_operator(transaction, sends().at(0), clock().now());
  });
  clock().advance(40min);
  work();
  EXPECT_THAT(received(), IsEmpty());
  resend_it(sends().at(0));
  work();
  expect_received(1, 2);
  resend_it(sends().at(0));
  work();
  expect_received(1, 2);
}

// A lead that was removed and put back has a second send, and the first must not follow it.
TEST_P(SendControlTest, NobodyIsRemindedASecondTimeByWayOfACancelledTwin) {
  add_at("1", 60min);
  join("1", 1);
  set_leads({});
  set_leads({30min});
  EXPECT_THAT(shown_sends(), UnorderedElementsAre("30 cancelled lead_removed", "30 scheduled"));
  clock().advance(30min);
  work();
  expect_received(1, 1);
  const auto all = sends();
  const auto cancelled = std::ranges::find(all, SendState::cancelled, &Send::state);
  EXPECT_EQ(events::code_of([&] { resend_it(*cancelled); }), ErrorCode::conflict);
}

// An operator may end any job, and a damaged one is given up.
TEST_P(SendControlTest, WhatIsLiveGetsItsJobBack) {
  add_at("1", 30min);
  join("1", 1, 2);
  execute("DELETE FROM jobs");
  work();
  EXPECT_THAT(received(), IsEmpty());
  write([&](db::Transaction& transaction) { tend(transaction, clock().now()); });
  page_once();
  execute("DELETE FROM jobs WHERE kind = 'reminders.send'");
  work();
  EXPECT_THAT(received(), IsEmpty());
  write([&](db::Transaction& transaction) { tend(transaction, clock().now()); });
  work();
  expect_received(1, 2);
}

TEST_P(SendControlTest, OldOnesAreForgottenWithTheirRecipients) {
  add_at("1", 30min);
  join("1", 1, 3);
  work();
  const auto prune = [&] {
    write([&](db::Transaction& transaction) {
      while (prune_sends(transaction, clock().now())) {
      }
    });
    return count("sends") + count("send_recipients") + count("send_deliveries");
  };
  clock().advance(send_life - 1s);
  EXPECT_EQ(prune(), 5);
  clock().advance(1s);
  EXPECT_EQ(prune(), 0);
}

TEST_P(SendControlTest, WhoIsErasedGetsNoPushThatNobodyTriedYet) {
  add_at("1", 30min);
  work();
  join("1", 1);
  write([&](db::Transaction& transaction) {
    EXPECT_TRUE(erase_sends(transaction, test_app, person(1)));
    EXPECT_FALSE(erase_sends(transaction, test_app, person(1)));
  });
  work();
  EXPECT_THAT(received(), IsEmpty());
}

// The id is a text that anybody may type into their own settings.
TEST_P(SendControlTest, WorkspacesShareNoChannel) {
  audience::Application one, other;
  one.workspace_id = "a";
  other.workspace_id = "b";
  for (audience::Application* application : {&one, &other}) {
    EXPECT_EQ(channel_id_of(*application), "");
    application->settings.line.channel_id = "7";
    application->settings.line.sealed_channel_access_token = "sealed";
  }
  EXPECT_NE(channel_id_of(one), channel_id_of(other));
}

}  // namespace
}  // namespace callboard::reminders
