#pragma once

// The connections that read. Made when first needed, up to a bound; a further reader waits for its
// turn, for a bounded time. Owned by PostgresDatabase; any thread.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/metrics.hpp"
#include "db/open.hpp"
#include "db/postgres/connector.hpp"

namespace callboard::db::postgres {

class ReaderPool {
 public:
  ReaderPool(Connector& connector, const Options& options);

  // Runs `work` in a snapshot. Throws what it throws, or Error{unavailable} when no turn came or
  // the database does not answer.
  void run(const Work& work);

 private:
  using Handle = std::unique_ptr<Connection>;
  struct Turn;
  Handle take();
  void give_back(Handle connection);

  Connector& connector_;
  const Clock& clock_;
  const Limits limits_;
  Counter& refused_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<Handle> idle_;
  std::size_t lent_ = 0;
};

}  // namespace callboard::db::postgres
