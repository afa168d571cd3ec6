#pragma once

// The embedded database: one writer thread, several readers, the change log. The file's schema is
// up to date before this is made (db::open). Any thread.

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "db/change_pruner.hpp"
#include "db/database.hpp"
#include "db/open.hpp"
#include "db/sqlite/change_feed.hpp"
#include "db/sqlite/reader_pool.hpp"
#include "db/sqlite/writer.hpp"
#include "db/ticker.hpp"

namespace callboard::db::sqlite {

class SqliteDatabase final : public Database {
 public:
  // The log is looked at this often: a real bound on how stale a node may be.
  static constexpr std::chrono::milliseconds poll_period{1'000};
  // One look brings at most so many changes; the next look follows at once.
  static constexpr std::int64_t poll_batch = 1'000;

  SqliteDatabase(const std::filesystem::path& path, const Options& options);
  ~SqliteDatabase() override;

  void read(const Work& work) override;
  void write(Work work, Completion done) override;
  void on_change(std::function<void(const Change&)> subscriber) override;
  void start_following() override;
  void poll_changes() override;
  void stop() override;
  void check() override;
  bool is_shared() const override { return false; }

 private:
  std::int64_t newest_change();
  std::vector<Change> changes_after(std::int64_t last);
  void follow() noexcept;

  const int schema_version_;
  ReaderPool readers_;
  ChangeFeed feed_;
  Writer writer_;
  ChangePruner pruner_;
  bool following_fails_ = false;  // the ticker's thread only
  std::mutex mutex_;
  bool stopped_ = false;
  std::optional<Ticker> ticker_;
};

}  // namespace callboard::db::sqlite
