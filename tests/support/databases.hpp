#pragma once

// Store tests, written once for every database:
//
//   class BulletinStoreTest : public StoreTest { protected: BulletinStore store_{database(),
//   clock()}; }; TEST_P(BulletinStoreTest, KeepsABulletin) { write([&](db::Transaction& t) { ...
//   }); ... } INSTANTIATE_STORE_TESTS(BulletinStoreTest);
//
// Each test gets a fresh, migrated database of its own in a temporary folder, removed afterwards,
// and a clock it moves by hand. The test program links `base` and `db`.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "db/open.hpp"

namespace callboard {

enum class DatabaseKind { sqlite };

inline std::string name_of(DatabaseKind kind) {
  return kind == DatabaseKind::sqlite ? "Sqlite" : "Unknown";
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
    return db::Options{.location = folder_.path().string(),
                       .clock = clock_,
                       .metrics = metrics_,
                       .limits = {},
                       .migrations = migrations_};
  }
  // A schema of the test's own, before the database is first used; the list must outlive the test.
  void use_migrations(const std::vector<db::Migration>& migrations) { migrations_ = &migrations; }
  // A second Database on the same data, as another node has it.
  std::unique_ptr<db::Database> open_another() { return db::open(options()); }
  void write(db::Work work) { database().write_and_wait(std::move(work)); }
  void execute(std::string_view sql, db::Values values = {}) {
    write([&](db::Transaction& transaction) { transaction.execute(sql, values); });
  }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
  SimulatedClock clock_;
  Metrics metrics_;
  const std::vector<db::Migration>* migrations_ = nullptr;
  std::unique_ptr<db::Database> database_;
};

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GoogleTest's own is a macro.
#define INSTANTIATE_STORE_TESTS(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(Every, suite, testing::Values(callboard::DatabaseKind::sqlite), \
                           [](const auto& each) { return callboard::name_of(each.param); })

}  // namespace callboard
