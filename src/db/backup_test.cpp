#include "db/backup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <future>
#include <latch>
#include <thread>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Migration> schema = {
    {1, "0001_changes", built_in_migrations(Dialect::sqlite).front().sql},
    {2, "0002_test",
     "CREATE TABLE a (n INTEGER PRIMARY KEY, padding TEXT); CREATE TABLE b (n INTEGER PRIMARY KEY "
     "REFERENCES a (n)); CREATE INDEX a_padding ON a (padding);"}};

ErrorCode code_of(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

// SQLite's own way; another database is backed up with its own tools.
class BackupTest : public StoreTest {
 protected:
  BackupTest() { use_migrations(schema); }

  std::filesystem::path file() { return folder() / "copy.db"; }
  Options copy() {
    auto there = options();
    there.location = "sqlite:" + file().string();
    return there;
  }
  void add(std::int64_t n) {
    write([n](Transaction& transaction) {
      const std::string padding(300, static_cast<char>('a' + n % 26));
      transaction.execute("INSERT INTO a VALUES ($1, $2)", {n, padding});
      transaction.execute("INSERT INTO b VALUES ($1)", {n});
    });
  }
  static std::int64_t count(Database& database, const std::string& table) {
    return *database.get([&](Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM " + table, {},
                               [](const Row& row) { return row.integer(0); });
    });
  }
};

TEST_P(BackupTest, IsOneMomentOfADatabaseThatIsWrittenTo) {
  std::atomic<bool> enough{false};
  std::latch under_way(1);
  database();
  std::jthread writing([&] {
    for (std::int64_t n = 1; !enough; ++n) {
      add(n);
      if (n == 50) under_way.count_down();
    }
  });
  under_way.wait();
  backup(options(), file());
  enough = true;
  writing.join();

  EXPECT_THAT(check(copy()), IsEmpty());
  const auto restored = open(copy());
  restored->check();
  EXPECT_GE(count(*restored, "a"), 50);
  EXPECT_EQ(count(*restored, "a"), count(*restored, "b"));
  EXPECT_LE(count(*restored, "a"), count(database(), "a"));
}

TEST_P(BackupTest, IsForItsOwnerOnlyAndLeavesNothingElse) {
  add(1);
  const TemporaryFolder target;
  const auto path = target.path() / "copy.db";
  backup(options(), path);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(target.path()), {}), 1);
}

TEST_P(BackupTest, NeverOverwrites) {
  add(1);
  std::ofstream(file()) << "precious";
  EXPECT_EQ(code_of([&] { backup(options(), file()); }), ErrorCode::conflict);
  EXPECT_EQ(std::filesystem::file_size(file()), 8u);
}

TEST_P(BackupTest, SaysThatThereIsNoDatabase) {
  EXPECT_EQ(code_of([&] { backup(options(), file()); }), ErrorCode::not_found);
  EXPECT_EQ(code_of([&] { check(options()); }), ErrorCode::not_found);
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_P(BackupTest, SaysThatTheFolderIsMissing) {
  add(1);
  EXPECT_EQ(code_of([&] { backup(options(), folder() / "nowhere" / "copy.db"); }),
            ErrorCode::unavailable);
}

TEST_P(BackupTest, FindsABrokenForeignKey) {
  add(1);
  sqlite3* raw = nullptr;
  ASSERT_EQ(sqlite3_open((folder() / "callboard.db").c_str(), &raw), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(raw, "INSERT INTO b VALUES (77)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(raw);
  EXPECT_THAT(check(options()), Contains(HasSubstr("table b, row 77")));
}

TEST_P(BackupTest, FindsADamagedPage) {
  for (std::int64_t n = 0; n < 200; ++n) add(n);
  backup(options(), file());
  std::fstream damaged(file(), std::ios::in | std::ios::out | std::ios::binary);
  damaged.seekp(static_cast<std::streamoff>(std::filesystem::file_size(file()) / 2));
  damaged << std::string(4096, '?');
  damaged.close();
  EXPECT_THAT(check(copy()), testing::Not(IsEmpty()));
}

// PostgreSQL has its own tools.
INSTANTIATE_TEST_SUITE_P(Only, BackupTest, testing::Values(DatabaseKind::sqlite),
                         [](const auto& each) { return name_of(each.param); });

}  // namespace
}  // namespace callboard::db
