#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <stdexcept>

#include "db/database.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

// Hears the changes of one database as "kind:key".
class Listener {
 public:
  explicit Listener(Database& database) {
    database.on_change([this](const Change& change) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(change.kind + ":" + change.key);
    });
  }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> heard_;
};

void announce(Database& database, std::string_view key) {
  database.write_and_wait(
      [&](Transaction& transaction) { transaction.announce("app", "board", key); });
}

class ChangeLogTest : public StoreTest {
 protected:
  std::int64_t logged() {
    return *database().get([](Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM changes", {},
                               [](const Row& row) { return row.integer(0); });
    });
  }
};

TEST_P(ChangeLogTest, TellsItsOwnSubscribersBeforeTheWriterIsAnswered) {
  Listener listener(database());
  announce(database(), "1");
  EXPECT_THAT(listener.take(), ElementsAre("board:1"));
}

TEST_P(ChangeLogTest, TellsAllOfAChange) {
  Change heard;
  database().on_change([&](const Change& change) { heard = change; });
  write([](Transaction& transaction) { transaction.announce("demo", "attributes", "user"); });
  EXPECT_EQ(heard.app_id, "demo");
  EXPECT_EQ(heard.kind, "attributes");
  EXPECT_EQ(heard.key, "user");
  EXPECT_GT(heard.sequence, 0);
}

TEST_P(ChangeLogTest, KeepsTheOrderOfCommits) {
  Listener listener(database());
  announce(database(), "1");
  write([](Transaction& transaction) {
    transaction.announce("app", "board", "2");
    transaction.announce("app", "board", "3");
  });
  EXPECT_THAT(listener.take(), ElementsAre("board:1", "board:2", "board:3"));
}

TEST_P(ChangeLogTest, TellsNothingOfAWorkThatFailed) {
  Listener listener(database());
  const auto fail = [](Transaction& transaction) {
    transaction.announce("app", "board", "1");
    throw std::out_of_range("mine");
  };
  EXPECT_THROW(write(fail), std::out_of_range);
  announce(database(), "2");
  EXPECT_THAT(listener.take(), ElementsAre("board:2"));
}

TEST_P(ChangeLogTest, FollowsAnotherNode) {
  const auto other = open_another();
  Listener listener(database());
  announce(*other, "1");
  announce(*other, "2");
  EXPECT_THAT(listener.take(), IsEmpty());
  database().poll_changes();
  EXPECT_THAT(listener.take(), ElementsAre("board:1", "board:2"));
  database().poll_changes();
  EXPECT_THAT(listener.take(), IsEmpty());
}

TEST_P(ChangeLogTest, DoesNotRepeatItsOwnChanges) {
  Listener listener(database());
  announce(database(), "1");
  listener.take();
  database().poll_changes();
  EXPECT_THAT(listener.take(), IsEmpty());
}

// Its own change is told at once, though a change of another node that came before is not known
// yet.
TEST_P(ChangeLogTest, LosesNothingThatWasCommittedBetweenItsOwn) {
  const auto other = open_another();
  Listener listener(database());
  announce(database(), "1");
  announce(*other, "2");
  announce(database(), "3");
  EXPECT_THAT(listener.take(), ElementsAre("board:1", "board:3"));
  database().poll_changes();
  EXPECT_THAT(listener.take(), testing::Contains("board:2"));
}

TEST_P(ChangeLogTest, TellsNothingFromBeforeItWasOpened) {
  announce(database(), "1");
  const auto other = open_another();
  Listener listener(*other);
  other->poll_changes();
  EXPECT_THAT(listener.take(), IsEmpty());
}

TEST_P(ChangeLogTest, BringsMoreThanOneLookHolds) {
  const auto other = open_another();
  Listener listener(database());
  other->write_and_wait([](Transaction& transaction) {
    for (int i = 0; i < 2'500; ++i) transaction.announce("app", "user", std::to_string(i));
  });
  database().poll_changes();
  EXPECT_EQ(listener.take().size(), 2'500u);
}

TEST_P(ChangeLogTest, FollowsOnItsOwnThread) {
  const auto other = open_another();
  std::promise<std::string> heard;
  database().on_change([&](const Change& change) { heard.set_value(change.key); });
  database().start_following();
  database().start_following();
  announce(*other, "1");
  EXPECT_EQ(heard.get_future().get(), "1");
}

TEST_P(ChangeLogTest, OutlivesASubscriberThatThrows) {
  database().on_change([](const Change&) { throw std::out_of_range("mine"); });
  Listener listener(database());
  announce(database(), "1");
  EXPECT_THAT(listener.take(), ElementsAre("board:1"));
}

TEST_P(ChangeLogTest, PrunesWhatIsOldButTheNewest) {
  write([](Transaction& transaction) {
    for (int i = 0; i < 2'500; ++i) transaction.announce("app", "user", "");
  });
  clock().advance(5min);
  announce(database(), "young");
  database().poll_changes();
  EXPECT_EQ(logged(), 2'501);
  clock().advance(6min);
  database().poll_changes();
  for (int step = 0; step < 1'000 && logged() > 1; ++step) write([](Transaction&) {});
  EXPECT_EQ(logged(), 1);
}

TEST_P(ChangeLogTest, SaysThatItMissedSomethingPruned) {
  const auto other = open_another();
  Listener listener(database());
  announce(*other, "1");
  announce(*other, "2");
  clock().advance(11min);
  other->poll_changes();
  other->stop();
  database().poll_changes();
  const auto heard = listener.take();
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.front(), ":");
}

INSTANTIATE_STORE_TESTS(ChangeLogTest);

}  // namespace
}  // namespace callboard::db
