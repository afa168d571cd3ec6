#include "db/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

class DatabaseTest : public StoreTest {};

TEST_P(DatabaseTest, WritesReadsAndAnnounces) {
  execute("CREATE TABLE t (a INTEGER)");
  std::vector<std::string> kinds;
  database().on_change([&](const Change& change) { kinds.push_back(change.kind); });
  write([](Transaction& transaction) {
    transaction.execute("INSERT INTO t VALUES ($1)", {std::int64_t{7}});
    transaction.announce("app", "board", "");
  });
  const auto got = database().get([](Transaction& transaction) {
    return transaction.first("SELECT a FROM t", {}, [](const Row& row) { return row.integer(0); });
  });
  EXPECT_EQ(got, 7);
  EXPECT_THAT(kinds, testing::ElementsAre("board"));
}

INSTANTIATE_STORE_TESTS(DatabaseTest);

}  // namespace
}  // namespace callboard::db
