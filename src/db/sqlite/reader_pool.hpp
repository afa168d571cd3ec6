#pragma once

// The connections that read. Opened when first needed, up to a bound; a further reader waits for
// its turn, for a bounded time. Owned by SqliteDatabase; any thread.

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <vector>

#include "base/metrics.hpp"
#include "db/open.hpp"
#include "db/sqlite/connection.hpp"

namespace callboard::db::sqlite {

class ReaderPool {
 public:
  ReaderPool(std::filesystem::path path, const Options& options);

  // Runs `work` in a snapshot. Throws what it throws, or Error{unavailable} when no turn came.
  void run(const Work& work);

 private:
  using Handle = std::unique_ptr<Connection>;
  Handle take();
  void give_back(Handle connection);
  void run_on(Connection& connection, const Work& work);

  const std::filesystem::path path_;
  const Clock& clock_;
  const Limits limits_;
  Counter& refused_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Handle> idle_;
  std::size_t open_ = 0;  // idle and lent
};

}  // namespace callboard::db::sqlite
