#include "reminders/sending.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class SendingTest : public SendsTest {};
INSTANTIATE_STORE_TESTS(SendingTest);

TEST_P(SendingTest, RemindsEverybodyAtTheLeadTime) {
  add_at("1", 60min);
  join("1", 1, 3);
  clock().advance(30min - 1ms);
  work();
  EXPECT_THAT(received(), IsEmpty());
  clock().advance(1ms);
  work();
  expect_received(1, 3);
  EXPECT_THAT(shown_sends(), ElementsAre("30 done"));
  EXPECT_THAT(outcomes(), ElementsAre(Pair("accepted", 3)));
  clock().advance(1h);
  work();
  expect_received(1, 3);
}

TEST_P(SendingTest, WhoTakesAChannelOverLeavesTheOthersCallsASecond) {
  add_at("1", 30min);
  join("1", 1, 2);
  work();
  join("1", 3);
  const Timestamp taken_over = clock().now();
  // Time stands still until the other has the channel, and then goes on for two windows.
  std::thread time([&] {
    const auto patience = std::chrono::steady_clock::now() + 60s;
    while (count("send_channels WHERE left_at_ms IS NULL") == 0 &&
           std::chrono::steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    while (clock().now() < taken_over + 2 * SendWindow::length) {
      clock().advance(1ms);
      std::this_thread::yield();
    }
  });
  Sending other(parts());
  SteppedJob job(R"({"channel_id":"default/1234567890"})", nullptr, false);
  other.run(job);
  time.join();
  expect_received(1, 3);
  EXPECT_GE(ledger().back().at("at").as_string(), rfc3339(taken_over + SendWindow::length));
}

TEST_P(SendingTest, WhoStopsLeavesTheRestForLater) {
  add_at("1", 30min);
  join("1", 1, 2);
  page_once();
  SteppedJob job(R"({"channel_id":"default/1234567890"})");
  EXPECT_TRUE(std::holds_alternative<jobs::outcome::Snoozed>(sending().run(job)));
  EXPECT_THAT(received(), IsEmpty());
  work();
  expect_received(1, 2);
}

}  // namespace
}  // namespace callboard::reminders
