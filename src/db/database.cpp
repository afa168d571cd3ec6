#include "db/database.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace callboard::db {

std::optional<std::string> Row::optional_string(int column) const {
  if (is_null(column)) return std::nullopt;
  return string(column);
}

std::optional<std::int64_t> Row::optional_integer(int column) const {
  if (is_null(column)) return std::nullopt;
  return integer(column);
}

namespace {

struct Outcome {
  std::mutex mutex;
  std::condition_variable answered;
  bool is_known = false;
  std::exception_ptr error;
};

}  // namespace

// The outcome is shared, because the writer may still be inside notify_one() when this returns; the
// error is handed over whole, so that only this thread ever frees it.
void Database::write_and_wait(Work work) {
  const auto outcome = std::make_shared<Outcome>();
  write(std::move(work), [outcome](std::exception_ptr error) {
    const std::lock_guard lock(outcome->mutex);
    outcome->error = std::move(error);
    outcome->is_known = true;
    outcome->answered.notify_one();
  });
  std::unique_lock lock(outcome->mutex);
  outcome->answered.wait(lock, [&] { return outcome->is_known; });
  if (outcome->error) std::rethrow_exception(std::move(outcome->error));
}

}  // namespace callboard::db
