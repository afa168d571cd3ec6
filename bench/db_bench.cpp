// What sharing a commit gives: the same small writes, one commit each and then from many callers at
// once, on the same disk in the same run, by turns; and against a bare SQLite loop of such groups.
// Usage: db_bench [FOLDER]. Prints a table of medians and the ratios.

#include <fmt/format.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "db/open.hpp"

namespace callboard::db {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr int rounds = 5;
constexpr Seconds round_time{1.0};
constexpr int callers = 64;
constexpr auto update =
    "INSERT INTO tally (id, total) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET total = total + 1";

const std::vector<Migration> schema = {
    {1, "0001_changes", built_in_migrations(Dialect::sqlite).front().sql},
    {2, "0002_bench", "CREATE TABLE tally (id INTEGER PRIMARY KEY, total INTEGER NOT NULL);"}};

class Stopwatch {
 public:
  bool running() const { return elapsed() < round_time; }
  Seconds elapsed() const { return std::chrono::steady_clock::now() - start_; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Each of `count` callers has one write under way and starts the next when it is answered.
class Load {
 public:
  Load(Database& database, int count) : database_(database), under_way_(count) {}

  double writes_per_second() {
    const int count = under_way_;
    for (int id = 0; id < count; ++id) start_one(id);
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return under_way_ == 0; });
    return static_cast<double>(answered_) / watch_.elapsed().count();
  }

 private:
  void start_one(std::int64_t id) {
    database_.write([id](Transaction& transaction) { transaction.execute(update, {id}); },
                    [this, id](const std::exception_ptr&) { answered(id); });
  }
  void answered(std::int64_t id) {
    ++answered_;  // the writer's thread only
    if (watch_.running()) return start_one(id);
    const std::lock_guard lock(mutex_);
    if (--under_way_ == 0) finished_.notify_one();
  }

  Database& database_;
  Stopwatch watch_;
  std::int64_t answered_ = 0;
  std::mutex mutex_;
  std::condition_variable finished_;
  int under_way_;
};

void run(sqlite3* handle, const char* sql) {
  if (sqlite3_exec(handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) ::abort();
}

// Groups of the same size by SQLite alone: no queue, no threads, no savepoints.
double bare_writes_per_second(sqlite3* handle) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle, update, -1, &statement, nullptr) != SQLITE_OK) ::abort();
  const Stopwatch watch;
  std::int64_t written = 0;
  while (watch.running()) {
    run(handle, "BEGIN IMMEDIATE");
    for (int id = 0; id < callers; ++id, ++written) {
      sqlite3_bind_int64(statement, 1, id);
      if (sqlite3_step(statement) != SQLITE_DONE) ::abort();
      sqlite3_reset(statement);
    }
    run(handle, "COMMIT");
  }
  sqlite3_finalize(statement);
  return static_cast<double>(written) / watch.elapsed().count();
}

// A snapshot and one row by its key, on one thread.
double reads_per_second(Database& database) {
  const Stopwatch watch;
  std::int64_t count = 0;
  for (std::int64_t id = 0; watch.running(); ++count, id = (id + 1) % callers) {
    database.get([&](Transaction& transaction) {
      return transaction.first("SELECT total FROM tally WHERE id = $1", {id},
                               [](const Row& row) { return row.integer(0); });
    });
  }
  return static_cast<double>(count) / watch.elapsed().count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void measure(const std::filesystem::path& folder) {
  const SystemClock clock;
  Metrics metrics;
  const auto database = open({folder.string(), clock, metrics, {}, &schema});
  sqlite3* bare = nullptr;
  sqlite3_open((folder / "bare.db").c_str(), &bare);
  run(bare, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  run(bare, schema.back().sql.c_str());

  std::vector<double> single, grouped, alone, reads;
  for (int round = 0; round < rounds; ++round) {
    single.push_back(Load(*database, 1).writes_per_second());
    grouped.push_back(Load(*database, callers).writes_per_second());
    alone.push_back(bare_writes_per_second(bare));
    reads.push_back(reads_per_second(*database));
  }
  sqlite3_close(bare);
  fmt::print("one commit each        {:>9.0f} writes/s\n", median(single));
  fmt::print("{} callers, grouped    {:>9.0f} writes/s\n", callers, median(grouped));
  fmt::print("bare groups of {}      {:>9.0f} writes/s\n", callers, median(alone));
  fmt::print("read of one row        {:>9.0f} reads/s\n", median(reads));
  fmt::print("grouped / one each     {:>9.1f}\n", median(grouped) / median(single));
  fmt::print("grouped / bare         {:>9.2f}\n", median(grouped) / median(alone));
}

}  // namespace
}  // namespace callboard::db

int main(int count, char** arguments) {
  const std::filesystem::path parent = count > 1 ? arguments[1] : ".";
  std::string pattern = (parent / "db_bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return 1;
  callboard::db::measure(pattern);
  std::filesystem::remove_all(pattern);
}
