#include "db/postgres/postgres_database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db::postgres {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PostgresDatabaseTest : public StoreTest {
 protected:
  PostgresDatabaseTest() {
    use_migrations(schema_);
    database().on_change([this](const Change& change) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(change.key);
    });
  }
  std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
  }
  static void announce(Transaction& transaction, std::string_view key) {
    transaction.announce("app", "board", key);
  }
  std::int64_t rows() {
    return *database().get([](Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM t", {},
                               [](const Row& row) { return row.integer(0); });
    });
  }
  void hang_up_on_everybody() {
    Connection(options().location, {})
        .run_script(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
            " current_database() AND pid <> pg_backend_pid()");
  }

 private:
  const std::vector<Migration> schema_ = {
      {1, "0001_changes", built_in_migrations(Dialect::postgres).front().sql},
      {2, "0002_test", "CREATE TABLE t (n BIGINT PRIMARY KEY, s TEXT)"}};
  std::mutex mutex_;
  std::vector<std::string> heard_;
};

// A transaction that has drawn its number early and commits late is neither missed nor waited for.
TEST_P(PostgresDatabaseTest, HearsOfChangesInWhateverOrderTheyCommit) {
  const auto other = open_another();
  std::latch has_drawn(1);
  std::promise<void> go_on;
  std::jthread slow([&] {
    other->write_and_wait([&](Transaction& transaction) {
      announce(transaction, "slow");
      has_drawn.count_down();
      go_on.get_future().wait();
    });
  });
  has_drawn.wait();
  other->write_and_wait([](Transaction& transaction) { announce(transaction, "fast"); });
  database().poll_changes();
  EXPECT_THAT(heard(), ElementsAre("fast"));
  go_on.set_value();
  slow.join();
  database().poll_changes();
  EXPECT_THAT(heard(), ElementsAre("slow"));
  database().poll_changes();
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_P(PostgresDatabaseTest, HearsOfItsOwnChangesOnce) {
  write([](Transaction& transaction) { announce(transaction, "mine"); });
  EXPECT_THAT(heard(), ElementsAre("mine"));
  database().poll_changes();
  EXPECT_THAT(heard(), IsEmpty());
}

TEST_P(PostgresDatabaseTest, WhoWasAwayForLongForgetsEverything) {
  clock().advance(ChangeFeed::longest_absence + std::chrono::seconds{1});
  database().poll_changes();
  EXPECT_THAT(heard(), ElementsAre(""));
}

TEST_P(PostgresDatabaseTest, ALockedNameIsForOneAtATime) {
  constexpr int writers = 8;
  std::atomic<int> done{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([&] {
        write([](Transaction& transaction) {
          transaction.lock("t");
          const auto last = transaction.first("SELECT coalesce(max(n), 0) FROM t", {},
                                              [](const Row& row) { return row.integer(0); });
          transaction.execute("INSERT INTO t (n) VALUES ($1)", {*last + 1});
        });
        ++done;
      });
    }
  }
  EXPECT_EQ(done, writers);
  EXPECT_EQ(rows(), writers);
}

// What two transactions wait for in a ring is undone in one of them, which may be tried again.
TEST_P(PostgresDatabaseTest, ADeadlockIsUnavailable) {
  for (std::int64_t n : {1, 2}) execute("INSERT INTO t (n) VALUES ($1)", {n});
  std::latch both(2);
  std::vector<ErrorCode> errors;
  std::mutex mutex;
  const auto take = [&](std::int64_t first, std::int64_t second) {
    try {
      write([&](Transaction& transaction) {
        transaction.execute("UPDATE t SET s = '' WHERE n = $1", {first});
        both.arrive_and_wait();
        transaction.execute("UPDATE t SET s = '' WHERE n = $1", {second});
      });
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      errors.push_back(error.code());
    }
  };
  {
    const std::jthread one([&] { take(1, 2); });
    const std::jthread other([&] { take(2, 1); });
  }
  EXPECT_THAT(errors, ElementsAre(ErrorCode::unavailable));
}

// Nothing was under way on the connections that were hung up, so nobody hears of it.
TEST_P(PostgresDatabaseTest, GoesOnWhereIdleConnectionsWereHungUp) {
  for (std::int64_t n = 1; n <= 5; ++n) {
    hang_up_on_everybody();
    execute("INSERT INTO t (n) VALUES ($1)", {n});
    EXPECT_EQ(rows(), n);
  }
}

TEST_P(PostgresDatabaseTest, AConnectionLostInTheMiddleFailsThatWorkAlone) {
  const auto lose = [&] {
    write([&](Transaction& transaction) {
      transaction.execute("INSERT INTO t (n) VALUES (1)");
      hang_up_on_everybody();
      transaction.execute("INSERT INTO t (n) VALUES (2)");
    });
  };
  try {
    lose();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unavailable);
    EXPECT_TRUE(error.retry_after().has_value());
  }
  EXPECT_EQ(rows(), 0);
  execute("INSERT INTO t (n) VALUES (1)");
}

// Rows come while they are read: what fails among those that nobody wanted any more is no commit.
TEST_P(PostgresDatabaseTest, CommitsNothingThatFailedUnseen) {
  const auto work = [](Transaction& transaction) {
    transaction.execute("INSERT INTO t (n) VALUES (1)", {});
    try {
      transaction.query("SELECT 1 / (3 - n) FROM generate_series(1, 5) n", {},
                        [](const Row&) { throw std::out_of_range("mine"); });
    } catch (const std::out_of_range&) {
    }
  };
  EXPECT_THROW(write(work), Error);
  EXPECT_EQ(rows(), 0);
}

// The test's server orders text by a language's rules.
TEST_P(PostgresDatabaseTest, OrdersTextByItsBytes) {
  std::int64_t n = 0;
  for (const auto* text : {"b", "A", "a", "B", "_", "é"}) {
    execute("INSERT INTO t VALUES ($1, $2)", {++n, text});
  }
  std::vector<std::string> ordered;
  database().read([&](Transaction& transaction) {
    transaction.query("SELECT s FROM t ORDER BY s", {},
                      [&](const Row& row) { ordered.push_back(row.string(0)); });
  });
  EXPECT_THAT(ordered, ElementsAre("A", "B", "_", "a", "b", "é"));
}

TEST_P(PostgresDatabaseTest, RefusesASchemaThatIsSomebodyElses) {
  const TemporaryPostgres place;
  Connection(place.url(), {}).run_script("CREATE TABLE theirs (name TEXT)");
  Options there = options();
  there.location = place.url();
  try {
    open(there);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::conflict);
    EXPECT_NE(error.message().find("theirs"), std::string::npos);
  }
  there.location += "?options=-csearch_path%3Dcallboard";
  Connection(place.url(), {}).run_script("CREATE SCHEMA callboard");
  open(there)->check();
}

TEST_P(PostgresDatabaseTest, TellsOthersAndHearsOfThem) {
  const auto other = open_another();
  std::promise<std::string> told;
  other->on_change([&](const Change& change) { told.set_value(change.key); });
  database().start_following();
  other->start_following();
  write([](Transaction& transaction) { announce(transaction, "news"); });
  EXPECT_EQ(told.get_future().get(), "news");
  other->stop();
}

INSTANTIATE_POSTGRES_TESTS(PostgresDatabaseTest);

}  // namespace
}  // namespace callboard::db::postgres
