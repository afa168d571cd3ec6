// What people do while their reminders are on their way, at the same time: only a database with
// several writers has that.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <future>

#include "jobs/job_store.hpp"
#include "tests/support/sends.hpp"

namespace callboard::reminders {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// An event of which two people are to be reminded now.
class FanOutBesideOthersTest : public SendsTest {
 protected:
  FanOutBesideOthersTest() {
    add_at("1", 30min);
    join("1", 1, 2);
  }

  // A transaction on another thread; get() throws what it threw.
  std::future<void> begin(db::Work work) {
    auto done = std::make_shared<std::promise<void>>();
    auto ended = done->get_future();
    database().write(std::move(work), [done](const std::exception_ptr& failure) {
      failure ? done->set_exception(failure) : done->set_value();
    });
    return ended;
  }
  // One that has done that, and commits as soon as somebody waits for it.
  std::future<void> begin_and_be_awaited(db::Work work) {
    std::promise<void> is_done;
    auto done = is_done.get_future();
    auto ended = begin([work = std::move(work), &is_done](db::Transaction& transaction) {
      work(transaction);
      is_done.set_value();
      wait_until_awaited(transaction);
    });
    done.get();
    return ended;
  }
  void join_in(db::Transaction& transaction, int number) {
    events::subscribe(transaction, watcher(), {std::string(test_app), person(number)},
                      {.id = "1", .content = std::nullopt},
                      audience::find_application(transaction, test_app)->settings, clock().now());
  }
  void leave_in(db::Transaction& transaction, int number) {
    events::unsubscribe(transaction, watcher(), {std::string(test_app), person(number)}, "1");
  }
};
INSTANTIATE_POSTGRES_TESTS(FanOutBesideOthersTest);

TEST_P(FanOutBesideOthersTest, WhoSubscribesWhileItIsClaimedIsReminded) {
  auto subscribed =
      begin_and_be_awaited([&](db::Transaction& transaction) { join_in(transaction, 3); });
  work();
  subscribed.get();
  work();
  expect_received(1, 3);
}

TEST_P(FanOutBesideOthersTest, WhoSubscribesWhileAPageIsFrozenIsReminded) {
  page_once();  // claimed, and the first page
  execute("UPDATE sends SET state = 'paging', paged_to = ''");
  std::future<void> subscribed;
  const std::string send_id = live_send().id;
  page_once([&](db::Transaction& transaction) {
    hold_send(transaction, send_id);
    subscribed = begin([&](db::Transaction& other) { join_in(other, 3); });
    wait_until_awaited(transaction);
  });
  subscribed.get();
  work();
  expect_received(1, 3);
}

TEST_P(FanOutBesideOthersTest, WhoUnsubscribesWhileAPageIsFrozenIsNotInIt) {
  auto unsubscribed =
      begin_and_be_awaited([&](db::Transaction& transaction) { leave_in(transaction, 2); });
  work();
  unsubscribed.get();
  expect_received(1, 1);
}

TEST_P(FanOutBesideOthersTest, AMoveWhileAPageIsFrozenCallsItOff) {
  auto moved = begin_and_be_awaited([&](db::Transaction& transaction) {
    events::EventChanges changes(transaction, watcher(),
                                 audience::command_entry("default", test_app, "", ""),
                                 clock().now());
    events::Revision revision;
    revision.start = clock().now() + 2h;
    revision.end = clock().now() + 3h;
    changes.update("1", revision);
  });
  page_once();
  moved.get();
  work();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_THAT(shown_sends(), ElementsAre("30 cancelled event_moved", "30 scheduled"));
}

TEST_P(FanOutBesideOthersTest, AMoveWhileAnAttemptBeginsCallsItOff) {
  page_once();
  auto moved = begin_and_be_awaited([&](db::Transaction& transaction) {
    events::EventChanges changes(transaction, watcher(),
                                 audience::command_entry("default", test_app, "", ""),
                                 clock().now());
    events::Revision revision;
    revision.start = clock().now() + 2h;
    revision.end = clock().now() + 3h;
    changes.update("1", revision);
  });
  work();
  moved.get();
  EXPECT_THAT(received(), IsEmpty());
  EXPECT_EQ(deliveries().at(0).state, "cancelled");
}

// Who left an event of their own held the subscription first and then the sends, the page the other
// way round: each waited for the other until the database gave one of them up.
TEST_P(FanOutBesideOthersTest, WhoLeavesTheirOwnEventWhileAPageIsFrozenIsNotInIt) {
  remove("1");
  write([&](db::Transaction& transaction) {
    const Timestamp start = clock().now() + 30min;
    events::subscribe(transaction, watcher(), {std::string(test_app), person(5)},
                      {.id = "own", .content = events::Content{start, start + 1h, {}}},
                      audience::find_application(transaction, test_app)->settings, clock().now());
  });
  std::future<void> left;
  int transactions = 0;
  const std::string send_id = live_send().id;
  EXPECT_NO_THROW(page_once([&](db::Transaction& transaction) {
    if (++transactions < 2) return;  // it is claimed
    hold_send(transaction, send_id);
    left = begin([&](db::Transaction& other) {
      events::unsubscribe(other, watcher(), {std::string(test_app), person(5)}, "own");
    });
    wait_until_awaited(transaction);
  }));
  EXPECT_NO_THROW(left.get());
  work();
  EXPECT_THAT(received(), IsEmpty());
}

// A sender that settled held its job first and then the sends, a late subscriber the other way
// round: each waited for the other until the database gave one of them up.
TEST_P(FanOutBesideOthersTest, WhoSubscribesWhileItsSenderSettlesIsReminded) {
  page_once();
  execute("UPDATE send_deliveries SET state = 'accepted', ended_at_ms = 1");
  std::future<void> subscribed;
  const auto hold = [&](db::Transaction& transaction) {
    transaction.query(
        "SELECT job_id FROM jobs WHERE unique_key LIKE 'sender/%'" + transaction.share_rows("jobs"),
        {}, [](const db::Row&) {});
    if (subscribed.valid()) return;
    subscribed = begin([&](db::Transaction& other) { join_in(other, 3); });
    wait_until_awaited(transaction);
  };
  SteppedJob job(R"({"channel_id":"default/1234567890"})", hold, false);
  EXPECT_NO_THROW(sending().run(job));
  EXPECT_NO_THROW(subscribed.get());
  work();
  expect_received(3, 3);
}

}  // namespace
}  // namespace callboard::reminders
