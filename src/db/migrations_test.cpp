#include "db/migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string message_of(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.message();
  }
  return "nothing was thrown";
}

std::vector<std::string> names_of(const auto& list) {
  std::vector<std::string> names;
  for (const auto& each : list) names.push_back(each.name);
  return names;
}

TEST(SelectMigrations, TakesTheSharedOnesAndThoseOfTheDialect) {
  const std::vector<MigrationFile> files = {
      {"0002_b.sql", "both"}, {"0001_a.sqlite.sql", "lite"}, {"0001_a.postgres.sql", "big"}};
  const auto selected = select_migrations(files, Dialect::postgres);
  EXPECT_THAT(names_of(selected), ElementsAre("0001_a", "0002_b"));
  EXPECT_EQ(selected.front().sql, "big");
  EXPECT_EQ(select_migrations(files, Dialect::sqlite).front().sql, "lite");
}

TEST(SelectMigrations, RefusesNamesOutOfForm) {
  for (const auto name :
       {"1_a.sql", "0001a.sql", "000x_a.sql", "0000_a.sql", "0001_a.txt", ".sql"}) {
    const std::vector<MigrationFile> files = {{name, ""}};
    EXPECT_THROW(select_migrations(files, Dialect::sqlite), Error) << name;
  }
}

TEST(SelectMigrations, RefusesOneNumberTwice) {
  const std::vector<MigrationFile> files = {{"0001_a.sql", ""}, {"0001_b.sqlite.sql", ""}};
  EXPECT_THROW(select_migrations(files, Dialect::sqlite), Error);
  EXPECT_THAT(names_of(select_migrations(files, Dialect::postgres)), ElementsAre("0001_a"));
}

TEST(Migrations, AreChecksummedAsByTheTool) {
  // printf abc | sha256sum
  EXPECT_EQ(checksum({1, "0001_a", "abc"}),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Migrations, OfTheProgramAreTheSameForEveryDatabase) {
  EXPECT_EQ(names_of(built_in_migrations(Dialect::sqlite)),
            names_of(built_in_migrations(Dialect::postgres)));
}

TEST(Migrations, OfTheProgramAreNumberedWithoutGaps) {
  int expected = 1;
  for (const Migration& each : built_in_migrations(Dialect::sqlite)) {
    EXPECT_EQ(each.version, expected++) << each.name;
  }
}

class MigrationsTest : public StoreTest {
 protected:
  MigrationsTest() { use_migrations(list_); }

  bool has_table(std::string_view name) {
    const auto tables = dialect() == Dialect::sqlite
                            ? "SELECT 1 FROM sqlite_schema WHERE name = $1"
                            : "SELECT 1 FROM pg_tables WHERE tablename = $1";
    return open_another()
        ->get([&](Transaction& transaction) {
          return transaction.first(tables, {name}, [](const Row&) { return true; });
        })
        .has_value();
  }

  std::vector<Migration> list_ = {
      {1, "0001_changes", changes_table()},
      {2, "0002_two", "CREATE TABLE a (x INTEGER); CREATE TABLE b (y INTEGER);"}};
};

TEST_P(MigrationsTest, SaysWhatIsPendingWithoutDoingIt) {
  EXPECT_THAT(names_of(pending(options())), ElementsAre("0001_changes", "0002_two"));
  EXPECT_THAT(names_of(pending(options())), ElementsAre("0001_changes", "0002_two"));
  EXPECT_TRUE(std::filesystem::is_empty(folder()));
}

TEST_P(MigrationsTest, AppliesEachOnce) {
  EXPECT_THAT(names_of(migrate(options())), ElementsAre("0001_changes", "0002_two"));
  EXPECT_THAT(migrate(options()), IsEmpty());
  EXPECT_THAT(pending(options()), IsEmpty());
  EXPECT_TRUE(has_table("b"));
}

TEST_P(MigrationsTest, AppliesWhatANewerProgramBrings) {
  migrate(options());
  list_.push_back({3, "0003_three", "CREATE TABLE c (z INTEGER)"});
  EXPECT_THAT(names_of(pending(options())), ElementsAre("0003_three"));
  EXPECT_THAT(names_of(migrate(options())), ElementsAre("0003_three"));
}

TEST_P(MigrationsTest, RefusesAChangedOne) {
  migrate(options());
  list_[1].sql += " ";
  EXPECT_THAT(message_of([&] { migrate(options()); }), HasSubstr("0002_two has changed"));
  EXPECT_THAT(message_of([&] { pending(options()); }), HasSubstr("0002_two has changed"));
  EXPECT_THAT(message_of([&] { open(options()); }), HasSubstr("0002_two has changed"));
}

TEST_P(MigrationsTest, RefusesANewerSchema) {
  migrate(options());
  list_.pop_back();
  EXPECT_THAT(message_of([&] { open(options()); }),
              HasSubstr("at version 2, newer than this program"));
}

TEST_P(MigrationsTest, RefusesOneThatWasSlippedIn) {
  list_[1].version = 3;
  migrate(options());
  list_.insert(list_.begin() + 1, {2, "0002_late", "CREATE TABLE late (x INTEGER)"});
  EXPECT_THAT(message_of([&] { migrate(options()); }), HasSubstr("0002_late"));
}

TEST_P(MigrationsTest, LeavesNothingOfOneThatFails) {
  list_.push_back({3, "0003_bad", "CREATE TABLE c (z INTEGER); INSERT INTO nowhere VALUES (1);"});
  EXPECT_THAT(message_of([&] { migrate(options()); }), HasSubstr("0003_bad failed"));
  list_.pop_back();
  EXPECT_THAT(names_of(pending(options())), ElementsAre("0001_changes", "0002_two"));
  EXPECT_FALSE(has_table("c"));
}

TEST_P(MigrationsTest, LeavesNothingThatBreaksAForeignKey) {
  list_.push_back(
      {3, "0003_bad",
       "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p INTEGER REFERENCES p "
       "(id)); INSERT INTO c VALUES (1);"});
  // SQLite looks at the end, PostgreSQL at each row.
  EXPECT_THAT(message_of([&] { migrate(options()); }),
              testing::AnyOf(HasSubstr("foreign key"), HasSubstr("0003_bad failed")));
  list_.pop_back();
  EXPECT_FALSE(has_table("p"));
}

TEST_P(MigrationsTest, RefusesOneThatEndsTheTransaction) {
  list_.push_back({3, "0003_bad", "COMMIT;"});
  EXPECT_THAT(message_of([&] { migrate(options()); }), HasSubstr("0003_bad failed"));
}

TEST_P(MigrationsTest, AreAppliedOnceByTwoWhoStartTogether) {
  constexpr int rounds = 10;
  for (int round = 0; round < rounds; ++round) {
    const TemporaryDatabase fresh(GetParam());
    auto there = options();
    there.location = fresh.location();
    std::barrier start(2);
    std::vector<std::size_t> applied(2);
    std::vector<std::jthread> starters;
    for (auto& count : applied) {
      starters.emplace_back([&] {
        start.arrive_and_wait();
        count = migrate(there).size();
        open(there)->check();
      });
    }
    starters.clear();
    EXPECT_EQ(applied[0] + applied[1], list_.size());
  }
}

INSTANTIATE_STORE_TESTS(MigrationsTest);

}  // namespace
}  // namespace callboard::db
