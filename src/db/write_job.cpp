#include "db/write_job.hpp"

#include <chrono>
#include <utility>

#include "base/log.hpp"

namespace callboard::db {
namespace {

Counter& write_counter(Metrics& metrics, std::string outcome) {
  return metrics.counter("callboard_database_writes_total", "Writes by outcome",
                         {{"outcome", std::move(outcome)}});
}

}  // namespace

WriteMetrics::WriteMetrics(Metrics& metrics)
    : committed(write_counter(metrics, "committed")),
      failed(write_counter(metrics, "failed")),
      refused(write_counter(metrics, "refused")),
      commit_time(metrics.histogram("callboard_database_commit_seconds",
                                    "How long making a group of writes durable took")) {}

Error busy(std::string_view why) {
  return Error(ErrorCode::unavailable, "the database is busy")
      .with_private(std::string(why))
      .with_retry_after(std::chrono::seconds(1));
}

std::string description_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    return known.private_detail().empty() ? known.message() : known.private_detail();
  } catch (const std::exception& other) {
    return other.what();
  } catch (...) {
    return "unknown";
  }
}

void answer(WriteJob& job) {
  if (!job.done) return;
  try {
    job.done(std::exchange(job.error, nullptr));
  } catch (const std::exception& error) {
    log::error("write_completion_failed", {{"error", error.what()}});
  } catch (...) {
    log::error("write_completion_failed");
  }
}

}  // namespace callboard::db
