#include "db/sqlite/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <future>
#include <memory>
#include <thread>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

const std::vector<Migration> schema = {
    {1, "0001_changes", built_in_migrations(Dialect::sqlite).front().sql},
    {2, "0002_test", "CREATE TABLE t (id TEXT PRIMARY KEY, padding TEXT);"}};

std::string outcome_of(const std::exception_ptr& error) {
  if (!error) return "done";
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    return std::string(name_of(known.code()));
  } catch (const std::exception& other) {
    return other.what();
  }
}

Work insert(std::string id, std::size_t padding = 0) {
  return [id = std::move(id), padding](Transaction& transaction) {
    transaction.execute("INSERT INTO t VALUES ($1, $2)", {id, std::string(padding, 'x')});
  };
}

// Holds the writer inside a transaction until release(), so that a test knows who shares a commit.
class Hold {
 public:
  explicit Hold(Database& database) {
    const auto held = std::make_shared<std::promise<void>>();
    database.write(
        [held, released = released_.get_future().share()](Transaction&) {
          held->set_value();
          released.wait();
        },
        nullptr);
    held->get_future().wait();
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() { release(); }
  void release() {
    if (!std::exchange(done_, true)) released_.set_value();
  }

 private:
  std::promise<void> released_;
  bool done_ = false;
};

class WriterTest : public StoreTest {
 protected:
  WriterTest() { use_migrations(schema); }

  void submit(Work work) { submit_to(database(), std::move(work)); }
  void submit_to(Database& to, Work work) {
    auto promise = std::make_shared<std::promise<std::string>>();
    answers_.push_back(promise->get_future());
    to.write(std::move(work),
             [promise](std::exception_ptr error) { promise->set_value(outcome_of(error)); });
  }
  std::vector<std::string> answers() {
    std::vector<std::string> all;
    for (auto& each : std::exchange(answers_, {})) all.push_back(each.get());
    return all;
  }
  std::vector<std::string> stored() {
    return database().get([](Transaction& transaction) {
      std::vector<std::string> ids;
      transaction.query("SELECT id FROM t ORDER BY id", {},
                        [&](const Row& row) { ids.push_back(row.string(0)); });
      return ids;
    });
  }
  std::uint64_t commits() {
    return metrics().histogram("callboard_database_commit_seconds", "").snapshot().first.back();
  }

  std::vector<std::future<std::string>> answers_;
};

TEST_P(WriterTest, SharesOneCommit) {
  Hold hold(database());
  const auto before = commits();
  for (const auto id : {"a", "b", "c"}) submit(insert(id));
  hold.release();
  EXPECT_THAT(answers(), Each("done"));
  EXPECT_EQ(commits() - before, 1u);
  EXPECT_THAT(stored(), ElementsAre("a", "b", "c"));
}

TEST_P(WriterTest, KeepsAFailureToItself) {
  Hold hold(database());
  submit(insert("a"));
  submit(insert("a"));
  submit([](Transaction& transaction) {
    insert("x")(transaction);
    throw std::out_of_range("mine");
  });
  submit([](Transaction&) { throw 7; });
  submit(insert("b"));
  submit(nullptr);
  hold.release();
  answers_.erase(answers_.begin() + 3);
  EXPECT_THAT(answers(), ElementsAre("done", "conflict", "mine", "done", "bad_function_call"));
  EXPECT_THAT(stored(), ElementsAre("a", "b"));
}

TEST_P(WriterTest, FailsTheWholeGroupWhenItsTransactionIsLost) {
  std::vector<std::string> heard;
  database().on_change([&](const Change& change) { heard.push_back(change.key); });
  Hold hold(database());
  submit([](Transaction& transaction) {
    insert("a")(transaction);
    transaction.announce("", "board", "lost");
  });
  submit(insert("a"));
  submit([](Transaction& transaction) { transaction.execute("ROLLBACK"); });
  hold.release();
  EXPECT_THAT(answers(), Each("unavailable"));
  EXPECT_THAT(stored(), IsEmpty());
  write(insert("b"));
  EXPECT_THAT(stored(), ElementsAre("b"));
  EXPECT_THAT(heard, IsEmpty());
}

// The size limit for files stands for a full disk; it is met when COMMIT writes the log.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST_P(WriterTest, FailsTheWholeGroupWhenItsCommitFailsAndLivesOn) {
  write(insert("before"));
  {
    const FileSizeLimit full(std::filesystem::file_size(folder() / "callboard.db-wal"));
    Hold hold(database());
    submit(insert("a", 10'000));
    submit(insert("b", 10'000));
    hold.release();
    EXPECT_THAT(answers(), Each("unavailable"));
    EXPECT_THAT(stored(), ElementsAre("before"));
  }
  write(insert("after", 10'000));
  EXPECT_THAT(stored(), ElementsAre("after", "before"));
}

TEST_P(WriterTest, CallsAFullDatabaseUnavailable) {
  submit([](Transaction& transaction) {
    transaction.execute("PRAGMA max_page_count = 20");
    insert("a", 1'000'000)(transaction);
  });
  EXPECT_THAT(answers(), ElementsAre("unavailable"));
  write(insert("b"));
  EXPECT_THAT(stored(), ElementsAre("b"));
}

TEST_P(WriterTest, TellsAllChangesOfAGroupBeforeItAnswersAny) {
  std::vector<std::string> events;
  database().on_change([&](const Change& change) { events.push_back("heard " + change.key); });
  Hold hold(database());
  for (const std::string id : {"1", "2"}) {
    database().write([id](Transaction& transaction) { transaction.announce("", "board", id); },
                     [&events, id](std::exception_ptr) { events.push_back("answered " + id); });
  }
  hold.release();
  database().stop();
  EXPECT_THAT(events, ElementsAre("heard 1", "heard 2", "answered 1", "answered 2"));
}

TEST_P(WriterTest, ShowsAChangeToReadersBeforeItTellsOfIt) {
  std::vector<std::string> seen;
  database().on_change([&](const Change&) { seen = stored(); });
  write([](Transaction& transaction) {
    insert("a")(transaction);
    transaction.announce("", "board", "");
  });
  EXPECT_THAT(seen, ElementsAre("a"));
}

TEST_P(WriterTest, RefusesWhatDoesNotFitTheQueue) {
  auto small = options();
  small.limits.queued_writes = 2;
  const auto narrow = open(small);
  Hold hold(*narrow);
  for (const auto id : {"a", "b", "c"}) submit_to(*narrow, insert(id));
  EXPECT_EQ(answers_[2].get(), "unavailable");
  answers_.pop_back();
  hold.release();
  EXPECT_THAT(answers(), ElementsAre("done", "done"));
}

TEST_P(WriterTest, BoundsAGroupInNumber) {
  auto small = options();
  small.limits.group_writes = 2;
  const auto narrow = open(small);
  Hold hold(*narrow);
  const auto before = commits();
  for (const auto id : {"a", "b", "c"}) submit_to(*narrow, insert(id));
  hold.release();
  EXPECT_THAT(answers(), Each("done"));
  EXPECT_EQ(commits() - before, 2u);
}

TEST_P(WriterTest, BoundsAGroupInTime) {
  Hold hold(database());
  const auto before = commits();
  submit([this](Transaction&) { clock().advance(1s); });
  submit(insert("a"));
  hold.release();
  EXPECT_THAT(answers(), Each("done"));
  EXPECT_EQ(commits() - before, 2u);
}

TEST_P(WriterTest, FinishesWhatIsQueuedWhenItIsClosed) {
  auto closing = open_another();
  Hold hold(*closing);
  for (int i = 0; i < 500; ++i) submit_to(*closing, insert(std::to_string(i)));
  std::jthread closer([&] { closing.reset(); });
  hold.release();
  closer.join();
  EXPECT_THAT(answers(), Each("done"));
  EXPECT_EQ(stored().size(), 500u);
}

TEST_P(WriterTest, WaitsForAnotherProcessToCommit) {
  const auto other = open_another();
  database();
  Hold hold(*other);
  submit(insert("a"));
  hold.release();
  EXPECT_THAT(answers(), ElementsAre("done"));
}

TEST_P(WriterTest, GivesUpOnAnotherProcessInTime) {
  auto hasty = options();
  hasty.limits.busy_timeout = 1ms;
  const auto impatient = open(hasty);
  {
    const Hold hold(database());
    submit_to(*impatient, insert("a"));
    EXPECT_THAT(answers(), ElementsAre("unavailable"));
  }
  write([](Transaction&) {});
  submit_to(*impatient, insert("b"));
  EXPECT_THAT(answers(), ElementsAre("done"));
  EXPECT_THAT(stored(), ElementsAre("b"));
}

// SQLite keeps it; a feature refuses it before, because PostgreSQL does not.
TEST_P(WriterTest, KeepsTextAfterANul) {
  const auto text = "a\0b"sv;
  write(insert(std::string(text)));
  EXPECT_THAT(stored(), ElementsAre(std::string(text)));
}

INSTANTIATE_TEST_SUITE_P(Only, WriterTest, testing::Values(DatabaseKind::sqlite),
                         [](const auto& each) { return name_of(each.param); });

}  // namespace
}  // namespace callboard::db
