#pragma once

// What the people and programs that watch the server call: /healthz, /readyz, /metrics, and a page
// at / that says where one is. Owned by app/; any thread.

#include <cstdint>
#include <filesystem>

#include "base/metrics.hpp"
#include "bulletins/bulletins.hpp"
#include "db/database.hpp"
#include "http/route.hpp"
#include "jobs/job_gauges.hpp"

namespace callboard::app {

// Below `min_free_bytes` of room the server is not ready: soon it will not be able to write.
struct Disk {
  std::filesystem::path folder;     // of the database; empty: it is another server's disk
  std::int64_t min_free_bytes = 0;  // 0: any is enough
};

// Everything passed by reference must outlive the server.
http::Routes operations_routes(db::Database& database, const bulletins::Boards& boards,
                               const Metrics& metrics, jobs::JobGauges& job_gauges,
                               const Disk& disk);

}  // namespace callboard::app
