#include "db/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <limits>
#include <stdexcept>

#include "base/error.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

using testing::ElementsAre;
using namespace std::string_view_literals;

ErrorCode code_of(const std::function<void()>& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return ErrorCode::internal;
}

class DatabaseTest : public StoreTest {
 protected:
  DatabaseTest() { use_migrations(schema_); }

  void add_parent(std::string_view id) { execute("INSERT INTO parent VALUES ($1)", {id}); }
  std::vector<std::string> parents() {
    return database().get([](Transaction& transaction) { return parents_in(transaction); });
  }
  static std::vector<std::string> parents_in(Transaction& transaction) {
    std::vector<std::string> ids;
    transaction.query("SELECT id FROM parent ORDER BY id", {},
                      [&](const Row& row) { ids.push_back(row.string(0)); });
    return ids;
  }
  template <class Read>
  auto first_kind(Read read) {
    return *database().get([&](Transaction& transaction) {
      return transaction.first("SELECT whole, real, words FROM kinds", {}, read);
    });
  }
  // Through the database and back.
  std::string echoed(std::string_view text) {
    execute("INSERT INTO kinds (words) VALUES ($1)", {text});
    return first_kind([](const Row& row) { return row.string(2); });
  }

 private:
  const std::vector<Migration> schema_ = {
      {1, "0001_changes", changes_table()},
      {2, "0002_test",
       "CREATE TABLE parent (id TEXT PRIMARY KEY);"
       "CREATE TABLE child (parent_id TEXT NOT NULL REFERENCES parent (id));"
       "CREATE TABLE late (parent_id TEXT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);"
       "CREATE TABLE kinds (whole BIGINT, real DOUBLE PRECISION, words TEXT);"}};
};

TEST_P(DatabaseTest, KeepsIntegersToTheirLimits) {
  using Limits = std::numeric_limits<std::int64_t>;
  execute("INSERT INTO kinds (whole) VALUES ($1)", {Limits::max()});
  EXPECT_EQ(first_kind([](const Row& row) { return row.integer(0); }), Limits::max());
  execute("UPDATE kinds SET whole = $1", {Limits::min()});
  EXPECT_EQ(first_kind([](const Row& row) { return row.integer(0); }), Limits::min());
}

TEST_P(DatabaseTest, KeepsRealsExactly) {
  execute("INSERT INTO kinds (real) VALUES ($1)", {0.1});
  EXPECT_EQ(first_kind([](const Row& row) { return row.real(1); }), 0.1);
  execute("UPDATE kinds SET real = $1", {2.0});
  EXPECT_EQ(first_kind([](const Row& row) { return row.real(1); }), 2.0);
}

TEST_P(DatabaseTest, KeepsTextOfAnyScript) {
  EXPECT_EQ(echoed("Grüße, 日本語, 🎭, 'quoted' \"twice\""),
            "Grüße, 日本語, 🎭, 'quoted' \"twice\"");
}

TEST_P(DatabaseTest, KeepsLongText) {
  const std::string text(1 << 20, 'x');
  EXPECT_EQ(echoed(text), text);
}

// A view of nothing has a null pointer, which SQLite would bind as NULL.
TEST_P(DatabaseTest, TellsEmptyTextFromNull) {
  EXPECT_EQ(echoed(std::string_view{}), "");
  execute("UPDATE kinds SET words = $1", {nullptr});
  EXPECT_TRUE(first_kind([](const Row& row) { return row.is_null(2); }));
}

TEST_P(DatabaseTest, ReadsNullsAsNothing) {
  execute("INSERT INTO kinds (whole) VALUES (1)");
  first_kind([](const Row& row) {
    EXPECT_EQ(row.optional_integer(0), 1);
    EXPECT_EQ(row.optional_string(2), std::nullopt);
    return 0;
  });
}

TEST_P(DatabaseTest, RefusesTheWrongKind) {
  execute("INSERT INTO kinds VALUES (1, 1.5, 'x')");
  first_kind([](const Row& row) {
    EXPECT_EQ(code_of([&] { row.text(0); }), ErrorCode::internal);
    EXPECT_EQ(code_of([&] { row.integer(1); }), ErrorCode::internal);
    EXPECT_EQ(code_of([&] { row.integer(2); }), ErrorCode::internal);
    EXPECT_EQ(code_of([&] { row.real(2); }), ErrorCode::internal);
    return 0;
  });
  execute("UPDATE kinds SET whole = NULL");
  first_kind([](const Row& row) {
    EXPECT_EQ(code_of([&] { row.integer(0); }), ErrorCode::internal);
    return 0;
  });
}

// SQLite numbers parameters by their first appearance in the text.
TEST_P(DatabaseTest, BindsParametersByTheirNumber) {
  execute("INSERT INTO kinds (words, whole, real) VALUES ($3, $1, $2)",
          {std::int64_t{1}, 2.5, "three"sv});
  execute("UPDATE kinds SET words = $2 WHERE words = $1 OR words = $2", {"three"sv, "four"sv});
  first_kind([](const Row& row) {
    EXPECT_EQ(row.integer(0), 1);
    EXPECT_EQ(row.real(1), 2.5);
    EXPECT_EQ(row.text(2), "four");
    return 0;
  });
}

TEST_P(DatabaseTest, RefusesAnotherNumberOfValues) {
  EXPECT_EQ(code_of([&] { execute("INSERT INTO parent VALUES ($1)"); }), ErrorCode::internal);
  EXPECT_EQ(code_of([&] { execute("INSERT INTO parent VALUES ($1)", {"a"sv, "b"sv}); }),
            ErrorCode::internal);
}

TEST_P(DatabaseTest, RefusesASecondStatement) {
  EXPECT_EQ(code_of([&] { execute("DELETE FROM child; DELETE FROM parent"); }),
            ErrorCode::internal);
}

TEST_P(DatabaseTest, CountsTheRowsItChanged) {
  write([](Transaction& transaction) {
    EXPECT_EQ(transaction.execute("INSERT INTO parent VALUES ('a'), ('b')"), 2);
    EXPECT_EQ(transaction.execute("INSERT INTO parent VALUES ('a') ON CONFLICT DO NOTHING"), 0);
    EXPECT_EQ(transaction.execute("SELECT 1"), 0);
    EXPECT_EQ(transaction.execute("DELETE FROM parent"), 2);
    EXPECT_EQ(transaction.execute("DELETE FROM parent"), 0);
  });
}

TEST_P(DatabaseTest, ReturnsRowsOfAnInsert) {
  std::string id;
  write([&](Transaction& transaction) {
    transaction.query("INSERT INTO parent VALUES ($1) RETURNING id", {"a"sv},
                      [&](const Row& row) { id = row.string(0); });
  });
  EXPECT_EQ(id, "a");
  EXPECT_THAT(parents(), ElementsAre("a"));
}

TEST_P(DatabaseTest, QueriesInsideAQueryOfTheSameText) {
  execute("INSERT INTO parent VALUES ('a'), ('b')");
  std::string seen;
  database().read([&](Transaction& transaction) {
    constexpr auto sql = "SELECT id FROM parent ORDER BY id";
    transaction.query(sql, {}, [&](const Row& outer) {
      transaction.query(sql, {},
                        [&](const Row& inner) { seen += outer.string(0) + inner.string(0) + " "; });
    });
  });
  EXPECT_EQ(seen, "aa ab ba bb ");
}

TEST_P(DatabaseTest, RunsMoreStatementsThanItKeepsPrepared) {
  add_parent("a");
  std::int64_t sum = 0;
  database().read([&](Transaction& transaction) {
    transaction.query("SELECT id FROM parent", {}, [&](const Row& row) {
      for (int i = 1; i <= 1'000; ++i) {
        transaction.query("SELECT " + std::to_string(i), {},
                          [&](const Row& inner) { sum += inner.integer(0); });
      }
      EXPECT_EQ(row.text(0), "a");
    });
  });
  EXPECT_EQ(sum, 500'500);
}

TEST_P(DatabaseTest, CallsAUniqueKeyConflict) {
  add_parent("a");
  EXPECT_EQ(code_of([&] { add_parent("a"); }), ErrorCode::conflict);
}

TEST_P(DatabaseTest, CallsAForeignKeyConflict) {
  EXPECT_EQ(code_of([&] { execute("INSERT INTO child VALUES ('none')"); }), ErrorCode::conflict);
}

// A key that is checked only at the commit must not fail the others who share it.
TEST_P(DatabaseTest, CallsADeferredForeignKeyConflict) {
  EXPECT_EQ(code_of([&] { execute("INSERT INTO late VALUES ('none')"); }), ErrorCode::conflict);
  write([](Transaction& transaction) {
    transaction.execute("INSERT INTO late VALUES ('a')");
    transaction.execute("INSERT INTO parent VALUES ('a')");
  });
  EXPECT_THAT(parents(), ElementsAre("a"));
}

TEST_P(DatabaseTest, CallsOtherFailuresInternal) {
  EXPECT_EQ(code_of([&] { execute("INSERT INTO child VALUES (NULL)"); }), ErrorCode::internal);
  EXPECT_EQ(code_of([&] { execute("SELECT * FROM nowhere"); }), ErrorCode::internal);
  EXPECT_EQ(code_of([&] { execute(""); }), ErrorCode::internal);
}

TEST_P(DatabaseTest, UndoesAWorkThatThrows) {
  const auto fail = [](Transaction& transaction) {
    transaction.execute("INSERT INTO parent VALUES ('a')");
    throw std::out_of_range("mine");
  };
  EXPECT_THROW(write(fail), std::out_of_range);
  EXPECT_THAT(parents(), ElementsAre());
}

TEST_P(DatabaseTest, UndoesAWorkThatSwallowsAnError) {
  add_parent("a");
  const auto swallow = [](Transaction& transaction) {
    transaction.execute("INSERT INTO parent VALUES ('b')");
    EXPECT_THROW(transaction.execute("INSERT INTO parent VALUES ('a')"), Error);
    EXPECT_THROW(transaction.execute("INSERT INTO parent VALUES ('c')"), Error);
  };
  EXPECT_EQ(code_of([&] { write(swallow); }), ErrorCode::conflict);
  EXPECT_THAT(parents(), ElementsAre("a"));
}

TEST_P(DatabaseTest, GoesOnAfterACallbackThatThrew) {
  add_parent("a");
  write([](Transaction& transaction) {
    const auto fail = [](const Row&) { throw std::out_of_range("mine"); };
    EXPECT_THROW(transaction.query("SELECT id FROM parent", {}, fail), std::out_of_range);
    transaction.execute("INSERT INTO parent VALUES ('b')");
  });
  EXPECT_THAT(parents(), ElementsAre("a", "b"));
}

TEST_P(DatabaseTest, ReadsASnapshot) {
  add_parent("a");
  database().read([&](Transaction& transaction) {
    EXPECT_THAT(parents_in(transaction), ElementsAre("a"));
    add_parent("b");
    EXPECT_THAT(parents_in(transaction), ElementsAre("a"));
  });
  EXPECT_THAT(parents(), ElementsAre("a", "b"));
}

TEST_P(DatabaseTest, RefusesToWriteInARead) {
  const auto change = [](Transaction& transaction) {
    transaction.execute("INSERT INTO parent VALUES ('a')");
  };
  EXPECT_EQ(code_of([&] { database().read(change); }), ErrorCode::internal);
  EXPECT_THAT(parents(), ElementsAre());
}

TEST_P(DatabaseTest, PassesOnWhatAReadThrows) {
  EXPECT_THROW(database().read([](Transaction&) { throw std::out_of_range("mine"); }),
               std::out_of_range);
  EXPECT_THAT(parents(), ElementsAre());
}

TEST_P(DatabaseTest, RefusesAReadThatFindsNoConnection) {
  auto few = options();
  few.limits.readers = 1;
  few.limits.reader_wait = std::chrono::milliseconds(1);
  const auto small = open(few);
  small->read([&](Transaction&) {
    EXPECT_EQ(code_of([&] { small->read([](Transaction&) {}); }), ErrorCode::unavailable);
  });
  small->read([](Transaction&) {});
}

TEST_P(DatabaseTest, SurvivesACompletionThatThrows) {
  std::promise<void> answered;
  database().write([](Transaction&) {},
                   [&](std::exception_ptr) {
                     answered.set_value();
                     throw std::out_of_range("mine");
                   });
  answered.get_future().get();
  add_parent("a");
  EXPECT_THAT(parents(), ElementsAre("a"));
}

TEST_P(DatabaseTest, StopsTwiceAndStillReads) {
  add_parent("a");
  database().start_following();
  database().stop();
  database().stop();
  EXPECT_EQ(code_of([&] { add_parent("b"); }), ErrorCode::unavailable);
  EXPECT_THAT(parents(), ElementsAre("a"));
}

TEST_P(DatabaseTest, ChecksItsSchema) {
  database().check();
  execute("UPDATE schema_migrations SET version = 9 WHERE version = 2");
  EXPECT_EQ(code_of([&] { database().check(); }), ErrorCode::unavailable);
}

TEST_P(DatabaseTest, KeepsWhatItWroteWhenOpenedAgain) {
  add_parent("a");
  database().stop();
  const auto again = open_another();
  EXPECT_THAT(again->get([](Transaction& t) { return parents_in(t); }), ElementsAre("a"));
}

INSTANTIATE_STORE_TESTS(DatabaseTest);

}  // namespace
}  // namespace callboard::db
