#pragma once

// What tests of jobs share: jobs put in and looked at in the database.

#include <string>
#include <vector>

#include "jobs/job_store.hpp"
#include "tests/support/databases.hpp"

namespace callboard::jobs {

inline constexpr JobKind test_kind{"test.work", "test"}, other_kind{"test.other", "other"};

// A job as the database has it, waiting or in the history.
struct KeptJob {
  std::string state, errors;
  std::int64_t attempt = 0;
  Timestamp run_at;
};

class JobsTest : public StoreTest {
 protected:
  void TearDown() override { database().stop(); }

  std::int64_t put(NewJob job) {
    std::int64_t id = 0;
    write([&](db::Transaction& transaction) { id = enqueue(transaction, job, clock().now()); });
    return id;
  }
  std::int64_t put(std::chrono::milliseconds later = {}) {
    return put({.kind = test_kind, .run_at = clock().now() + later});
  }
  KeptJob kept(std::int64_t id) {
    return database().get([&](db::Transaction& transaction) {
      KeptJob job;
      transaction.query(
          "SELECT state, errors, attempt, run_at_ms FROM jobs WHERE job_id = $1 UNION ALL"
          " SELECT state, errors, attempt, run_at_ms FROM job_history WHERE job_id = $1",
          {id}, [&](const db::Row& row) {
            EXPECT_EQ(job.state, "") << "twice";
            job = {row.string(0), row.string(1), row.integer(2), timestamp_from_ms(row.integer(3))};
          });
      return job;
    });
  }
  std::string state_of(std::int64_t id) { return kept(id).state; }
};

}  // namespace callboard::jobs
