#pragma once

// Store tests, written once for every database:
//
//   class BulletinStoreTest : public StoreTest { protected: BulletinStore store_{database(),
//   clock()}; }; TEST_P(BulletinStoreTest, KeepsABulletin) { write([&](db::Transaction& t) { ...
//   }); ... } INSTANTIATE_STORE_TESTS(BulletinStoreTest);
//
// Each test gets a fresh, migrated database of its own, in a temporary folder or on the PostgreSQL
// server that tools/with_postgres starts, removed afterwards, and a clock it moves by hand. The
// test program links `base` and `db`.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/migrations.hpp"
#include "db/open.hpp"
#include "db/postgres/connection.hpp"

namespace callboard {

enum class DatabaseKind { sqlite, postgres };

inline std::string name_of(DatabaseKind kind) {
  return kind == DatabaseKind::sqlite ? "Sqlite" : "Postgres";
}
inline db::Dialect dialect_of(DatabaseKind kind) {
  return kind == DatabaseKind::sqlite ? db::Dialect::sqlite : db::Dialect::postgres;
}
inline void PrintTo(DatabaseKind kind, std::ostream* out) {
  *out << name_of(kind);
}

// A folder that lives as long as this.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "callboard-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A database on the server that CALLBOARD_TEST_POSTGRES names; lives as long as this.
class TemporaryPostgres {
 public:
  TemporaryPostgres() : server_(server()) {
    static int number = 0;
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++number);
    run("CREATE DATABASE " + name_);
  }
  TemporaryPostgres(const TemporaryPostgres&) = delete;
  TemporaryPostgres& operator=(const TemporaryPostgres&) = delete;
  ~TemporaryPostgres() { run("DROP DATABASE " + name_ + " WITH (FORCE)"); }

  std::string url() const { return server_.substr(0, server_.rfind('/') + 1) + name_; }

 private:
  static std::string server() {
    if (const char* named = std::getenv("CALLBOARD_TEST_POSTGRES")) return named;
    throw std::runtime_error("no PostgreSQL server is named: run this by tools/with_postgres");
  }
  void run(const std::string& sql) { db::postgres::Connection(server_, {}).run_script(sql); }

  std::string server_, name_;
};

// A place for a new database of either kind.
class TemporaryDatabase {
 public:
  explicit TemporaryDatabase(DatabaseKind kind) {
    if (kind == DatabaseKind::postgres) postgres_.emplace();
  }
  std::string location() const { return postgres_ ? postgres_->url() : folder_.path().string(); }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  std::optional<TemporaryPostgres> postgres_;
};

class StoreTest : public testing::TestWithParam<DatabaseKind> {
 protected:
  db::Database& database() {
    if (database_ == nullptr) database_ = open_another();
    return *database_;
  }
  SimulatedClock& clock() { return clock_; }
  Metrics& metrics() { return metrics_; }
  // Where this test's database is; for opening it with other limits.
  db::Options options() {
    return db::Options{.location = place_.location(),
                       .clock = clock_,
                       .metrics = metrics_,
                       .limits = {},
                       .migrations = migrations_,
                       .direct_location = {}};
  }
  // A schema of the test's own, before the database is first used; the list must outlive the test.
  void use_migrations(const std::vector<db::Migration>& migrations) { migrations_ = &migrations; }
  // A second Database on the same data, as another node has it.
  std::unique_ptr<db::Database> open_another() { return db::open(options()); }
  void write(db::Work work) { database().write_and_wait(std::move(work)); }
  void execute(std::string_view sql, db::Values values = {}) {
    write([&](db::Transaction& transaction) { transaction.execute(sql, values); });
  }
  const std::filesystem::path& folder() const { return place_.folder(); }
  static db::Dialect dialect() { return dialect_of(GetParam()); }
  // The table that every schema has.
  static std::string changes_table() { return db::built_in_migrations(dialect()).front().sql; }

 private:
  TemporaryDatabase place_{GetParam()};
  SimulatedClock clock_;
  Metrics metrics_;
  const std::vector<db::Migration>* migrations_ = nullptr;
  std::unique_ptr<db::Database> database_;
};

// Until somebody waits for what this transaction holds, on PostgreSQL; not for ever. Other tests on
// the same server wait too, so only those that wait for this one count. (pg_stat_activity would not
// do: within a transaction it shows the connections that there were when it was first read.)
inline void wait_until_awaited(db::Transaction& transaction) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  bool is_awaited = false;
  while (!is_awaited && std::chrono::steady_clock::now() < deadline) {
    const auto waiting = transaction.first(
        "SELECT COUNT(*) FROM pg_locks "
        "WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))",
        {}, [](const db::Row& row) { return row.integer(0); });
    is_awaited = waiting.value_or(0) > 0;
  }
  EXPECT_TRUE(is_awaited);
}

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GoogleTest's own is a macro.
#define INSTANTIATE_STORE_TESTS(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                                \
      Every, suite,                                                                        \
      testing::Values(callboard::DatabaseKind::sqlite, callboard::DatabaseKind::postgres), \
      [](const auto& each) { return callboard::name_of(each.param); })

// For what only a database with several nodes has.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define INSTANTIATE_POSTGRES_TESTS(suite)                                                    \
  INSTANTIATE_TEST_SUITE_P(Every, suite, testing::Values(callboard::DatabaseKind::postgres), \
                           [](const auto& each) { return callboard::name_of(each.param); })

}  // namespace callboard
