#include "db/copy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/error.hpp"
#include "db/location.hpp"
#include "db/sqlite/connection.hpp"
#include "tests/support/databases.hpp"

namespace callboard::db {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr std::string_view odd_texts[] = {"",    "\\N",       "tab\tand\nline\r\\break\b\f\v",
                                          "\\",  "緩衝區 🚲", "'; DROP TABLE users; --",
                                          "\x01"};

// From a SQLite file to the PostgreSQL database that the test has.
class CopyTest : public StoreTest {
 protected:
  CopyTest() { open(source())->stop(); }

  Options source() {
    Options there = options();
    there.location = folder().string();
    return there;
  }
  void fill(std::string_view sql, Values values = {}) {
    sqlite::Connection(sqlite_path(source().location), sqlite::Access::write, {})
        .execute(sql, values);
  }
  void fill_application() {
    fill("INSERT INTO workspaces VALUES ('default', 'Default', 1)");
    fill("INSERT INTO applications VALUES ('demo', 'default', 'Demo', '{}', 1, 2)");
  }
  void fill_user(std::string_view user_id, std::string_view attributes) {
    fill("INSERT INTO users VALUES ('demo', $1, $2, 9007199254740993, 1, -2)",
         {user_id, attributes});
  }
  std::vector<CopiedTable> copy_all() {
    return copy(source(), options(), [&](const CopyProgress& at) { reports_.push_back(at); });
  }
  std::string refusal() {
    try {
      copy_all();
    } catch (const Error& error) {
      return std::string(name_of(error.code())) + ": " + error.message();
    }
    return "";
  }
  std::int64_t count(const std::string& table) {
    return *database().get([&](Transaction& transaction) {
      return transaction.first("SELECT count(*) FROM " + table, {},
                               [](const Row& row) { return row.integer(0); });
    });
  }

  std::vector<CopyProgress> reports_;
};

TEST_P(CopyTest, BringsEveryRowAsItWas) {
  fill_application();
  for (std::size_t i = 0; i < std::size(odd_texts); ++i) {
    fill_user("user-" + std::to_string(i), odd_texts[i]);
  }
  copy_all();
  std::vector<std::string> attributes;
  database().read([&](Transaction& transaction) {
    transaction.query("SELECT attributes, version, updated_at_ms FROM users ORDER BY user_id", {},
                      [&](const Row& row) {
                        attributes.push_back(row.string(0));
                        EXPECT_EQ(row.integer(1), 9007199254740993);
                        EXPECT_EQ(row.integer(2), -2);
                      });
  });
  EXPECT_TRUE(std::ranges::equal(attributes, odd_texts));
}

TEST_P(CopyTest, KeepsWhatIsNull) {
  fill_application();
  fill("INSERT INTO app_keys VALUES ('demo', 'k', 'client', 'HS256', NULL, '', 1, NULL)");
  copy_all();
  database().read([&](Transaction& transaction) {
    transaction.query("SELECT secret_sealed, public_key, retired_at_ms FROM app_keys", {},
                      [&](const Row& row) {
                        EXPECT_TRUE(row.is_null(0));
                        EXPECT_EQ(row.text(1), "");
                        EXPECT_TRUE(row.is_null(2));
                      });
  });
  EXPECT_EQ(count("app_keys"), 1);
}

TEST_P(CopyTest, TellsEveryTableWithItsRows) {
  fill_application();
  fill_user("ann", "{}");
  fill_user("bob", "{}");
  const auto tables = copy_all();
  const auto users = std::ranges::find(tables, "users", &CopiedTable::name);
  ASSERT_NE(users, tables.end());
  EXPECT_EQ(users->rows, 2);
  EXPECT_NE(users->checksum, 0u);
  const auto is_done = [](const CopyProgress& at) {
    return at.table == "users" && at.rows == 2 && at.total == 2;
  };
  EXPECT_TRUE(std::ranges::any_of(reports_, is_done));
  const auto place = [&](std::string_view name) {
    return std::ranges::find(tables, name, &CopiedTable::name) - tables.begin();
  };
  EXPECT_LT(place("workspaces"), place("applications"));
  EXPECT_LT(place("applications"), place("users"));
  EXPECT_LT(place("bulletins"), place("bulletins_served"));
}

TEST_P(CopyTest, NumbersGoOnWhereTheSourceWas) {
  for (int i = 0; i < 3; ++i) {
    fill(
        "INSERT INTO audit_log (workspace_id, app_id, actor, address, action, subject, at_ms)"
        " VALUES ('default', '', 'command', '', 'test', '', 1)");
  }
  fill("DELETE FROM audit_log WHERE entry = 1");
  copy_all();
  const auto entry = *database().get([](Transaction& transaction) {
    return transaction.first("SELECT max(entry) FROM audit_log", {},
                             [](const Row& row) { return row.integer(0); });
  });
  EXPECT_EQ(entry, 3);
  execute(
      "INSERT INTO audit_log (workspace_id, app_id, actor, address, action, subject, at_ms)"
      " VALUES ('default', '', 'command', '', 'test', '', 1)");
  EXPECT_EQ(count("audit_log WHERE entry = 4"), 1);
}

TEST_P(CopyTest, RefusesATargetThatHasRows) {
  fill_application();
  copy_all();
  EXPECT_THAT(refusal(), HasSubstr("conflict: the target is not empty: its table "));
  EXPECT_EQ(count("applications"), 1);
}

TEST_P(CopyTest, LeavesNothingBehindWhereARowCannotBe) {
  fill_application();
  fill_user("ann", "{}");
  fill_user("bob", "not \xff UTF-8");
  EXPECT_THAT(refusal(), HasSubstr("internal: "));
  EXPECT_FALSE(pending(options()).empty());  // not even the tables
}

TEST_P(CopyTest, LeavesNothingBehindWhereAValueIsOfAnotherKind) {
  fill_application();
  fill("INSERT INTO users VALUES ('demo', 'ann', x'00', 1, 1, 1)");
  EXPECT_THAT(refusal(), HasSubstr("users.attributes holds a value of a kind"));
  EXPECT_FALSE(pending(options()).empty());
}

TEST_P(CopyTest, AServerThatRunsOnTheTargetForgetsThatItWasEmpty) {
  std::vector<std::string> heard;
  database().on_change([&](const Change& change) { heard.push_back(change.kind); });
  database().poll_changes();
  copy_all();
  database().poll_changes();
  EXPECT_THAT(heard, Contains(""));
}

TEST_P(CopyTest, RefusesOtherPlaces) {
  const Options empty_folder{
      .location = (folder() / "none").string(), .clock = clock(), .metrics = metrics()};
  const auto copy_between = [](const Options& from, const Options& to) {
    try {
      copy(from, to, [](const CopyProgress&) {});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::internal;
  };
  EXPECT_EQ(copy_between(options(), source()), ErrorCode::invalid);
  EXPECT_EQ(copy_between(options(), options()), ErrorCode::invalid);
  EXPECT_EQ(copy_between(empty_folder, options()), ErrorCode::not_found);
}

TEST_P(CopyTest, RefusesASourceThatIsOlder) {
  const std::vector<Migration> fewer(built_in_migrations(Dialect::sqlite).begin(),
                                     built_in_migrations(Dialect::sqlite).end() - 1);
  const TemporaryFolder elsewhere;
  Options older = source();
  older.location = elsewhere.path().string();
  older.migrations = &fewer;
  open(older);
  older.migrations = nullptr;
  try {
    copy(older, options(), [](const CopyProgress&) {});
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("migrate it first"));
  }
}

INSTANTIATE_POSTGRES_TESTS(CopyTest);

}  // namespace
}  // namespace callboard::db
